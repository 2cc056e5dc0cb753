"""log_run(): a training run becomes an MLflow run, a child run per candidate and a registered model."""

import json
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from mlflow import MlflowClient
from mlflow.entities import DatasetInput, InputTag, LoggedModelOutput, Metric, Param
from mlflow.exceptions import MlflowException
from mlflow.models import Model

from training.checks.training_profile import TrainingProfile
from training.data.lead_hashes import hash_leads
from training.evaluation.evaluate import CandidateRun
from training.evaluation.plots import draw_plots
from training.registry.connection import Location, connect, translate_errors, write_with_retry
from training.registry.description import dataset_of, metrics_of, parameters_of, shareable_config, tags_of
from training.registry.errors import RegistryError
from training.registry.input_example import make_input_example
from training.registry.model_card import card_markdown, card_page
from training.registry.names import CARD, CARD_PAGE, CHALLENGER, CONFIG, HASHES, NAME, PARENT_TAG, PLOTS, PROFILE
from training.registry.packaging import package
from training.registry.stored_evaluation import STORED_EVALUATION, StoredEvaluation
from training.training_run import TrainingRun

ALREADY_EXISTS = "RESOURCE_ALREADY_EXISTS"


def log_run(run: TrainingRun, location: Location) -> str:
    """The version of the registered model, which becomes challenger; all that is known of the run is logged.

    Raises:
        RegistryUnreachable: where MLflow fails; what was logged until then stays, marked as failed.
    """
    client = connect(location, create=True)
    with translate_errors(location):
        experiment = _find_or_create_experiment(client, run.project, location)
        with _start_run(client, experiment, f"train {run.chosen}", tags_of(run)) as run_id:
            _log_values(client, run_id, parameters_of(run), {**metrics_of(run.evaluation), "seconds": run.seconds})
            _log_dataset(client, run_id, run)
            for candidate in run.candidates:
                _log_candidate(client, experiment, run_id, candidate)
            _log_files(client, run_id, run)
            return _register(client, experiment, run_id, run)


def _find_or_create_experiment(client: MlflowClient, project: str, location: Location) -> str:
    """The project's experiment, made where it is not there yet."""
    folder = (location.artifacts / project.replace("/", "-")).as_uri() if location.artifacts else None
    try:
        return str(client.create_experiment(project, folder))
    except MlflowException as error:
        found = client.get_experiment_by_name(project) if error.error_code == ALREADY_EXISTS else None
        if found is None:
            raise
        if found.lifecycle_stage == "deleted":
            raise RegistryError(f"MLflow holds a deleted experiment {project!r}; restore it there first") from error
        return str(found.experiment_id)


@contextmanager
def _start_run(client: MlflowClient, experiment: str, name: str, tags: dict[str, str]) -> Iterator[str]:
    """An MLflow run that ends as finished, or as failed."""
    run_id = client.create_run(experiment, run_name=name, tags=tags).info.run_id
    status = "FAILED"
    try:
        yield run_id
        status = "FINISHED"
    finally:
        client.set_terminated(run_id, status)


def _log_values(client: MlflowClient, run_id: str, parameters: dict[str, str], metrics: dict[str, float]) -> None:
    now = client.get_run(run_id).info.start_time
    client.log_batch(
        run_id,
        [Metric(name, value, now, 0) for name, value in metrics.items()],
        [Param(name, value) for name, value in parameters.items()],
    )


def _log_candidate(client: MlflowClient, experiment: str, parent: str, candidate: CandidateRun) -> None:
    with _start_run(client, experiment, candidate.name, {PARENT_TAG: parent}) as run_id:
        parameters = {name: str(value) for name, value in candidate.parameters.items()}
        metrics = {**metrics_of(candidate.evaluation), "seconds": candidate.seconds}
        _log_values(client, run_id, parameters, metrics)


def _log_dataset(client: MlflowClient, run_id: str, run: TrainingRun) -> None:
    inputs = [DatasetInput(dataset_of(run), [InputTag("mlflow.data.context", "training")])]
    write_with_retry(lambda: client.log_inputs(run_id, inputs))


def _log_files(client: MlflowClient, run_id: str, run: TrainingRun) -> None:
    """Card, plots, configuration, evaluation, and the hashes and profile of the training leads."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for path in (CARD, HASHES, STORED_EVALUATION, f"{PLOTS}/x"):
            (folder / path).parent.mkdir()
        card = card_markdown(run)
        (folder / CARD).write_text(card, encoding="utf-8")
        (folder / CARD_PAGE).write_text(card_page(card, run.project), encoding="utf-8")
        (folder / CONFIG).write_text(shareable_config(run), encoding="utf-8")
        (folder / STORED_EVALUATION).write_text(StoredEvaluation.of(run).to_text(), encoding="utf-8")
        profile = TrainingProfile.of(run.examined, run.model.schema)
        (folder / PROFILE).write_text(profile.to_text(), encoding="utf-8")
        np.save(folder / HASHES, hash_leads(run.dataset.leads.lead_id[~run.dataset.open]), allow_pickle=False)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=RuntimeWarning, module="matplotlib")  # scores that are all alike
            for name, figure in draw_plots(run).items():
                figure.savefig(folder / PLOTS / f"{name}.png")
        client.log_artifacts(run_id, scratch)


def _register(client: MlflowClient, experiment: str, run_id: str, run: TrainingRun) -> str:
    """Log the model itself, make a version of it, and call that the challenger."""
    logged = client.create_logged_model(experiment, "model", run_id, params=parameters_of(run))
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, step=0)])
    identity = Model(run_id=run_id, model_uuid=logged.model_id, model_id=logged.model_id)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "model"
        digest = package(run.model, make_input_example(run.model, run.examined.leads), identity, folder)
        client.log_model_artifacts(logged.model_id, str(folder))
    client.finalize_logged_model(logged.model_id, "READY")
    _make_registered_model(client)
    stored = client.create_model_version(
        NAME,
        logged.artifact_location,
        run_id,
        tags={**tags_of(run), "digest": digest},
        description="\n".join(run.decision.reasons),
        model_id=logged.model_id,
    )
    versions = json.dumps([{"name": NAME, "version": stored.version}])
    client.set_logged_model_tags(logged.model_id, {"mlflow.modelVersions": versions})
    write_with_retry(lambda: client.set_registered_model_alias(NAME, CHALLENGER, stored.version))
    return str(stored.version)


def _make_registered_model(client: MlflowClient) -> None:
    try:
        client.create_registered_model(NAME, description="The chance that a lead is won within the horizon.")
    except MlflowException as error:
        if error.error_code != ALREADY_EXISTS:
            raise
