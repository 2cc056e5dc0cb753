"""Registry: the registered models by version and alias. Reads and moves them; `log_run` adds to them."""

import os
import tempfile
from datetime import datetime
from functools import cached_property
from pathlib import Path

import mlflow.artifacts
import numpy as np
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion as StoredVersion
from mlflow.entities.model_registry import RegisteredModel

from training.checks.training_profile import Taught
from training.data.lead_hashes import Hashes
from training.model import ModelBroken, ScoringModel
from training.registry.connection import Location, answering, connect, insist, locate, looking_for
from training.registry.errors import NothingToRollBack, RegistryError, RegistryUnreachable
from training.registry.integrity import load_intact
from training.registry.names import ALIASES, CARD, CHALLENGER, CHAMPION, LEARNED, NAME, NATIVE, PARENT_TAG, TAUGHT
from training.registry.promotions import before, from_tags, to_tag
from training.registry.reading import candidate, comparison, model_version
from training.registry.records import ModelDetails, ModelVersion, Promotion, VersionComparison


class Registry:
    """The models registered as `lead-scoring`. Where a method takes `which`, that is an alias or a version.

    Every method raises `NoModel` where there is no such model, and `RegistryUnreachable` where MLflow fails.
    """

    def __init__(self, location: Location) -> None:
        self.location = location

    @cached_property
    def client(self) -> MlflowClient:
        """Opened when it is first needed."""
        return connect(self.location, create=False)

    def champion_version(self) -> str:
        """One cheap look-up, to be asked every second or two."""
        return self.version_of(CHAMPION)

    def version_of(self, which: str) -> str:
        """The version that an alias stands for, or the version itself where it is there."""
        return str(self._stored(which).version)

    def load(self, which: str) -> ScoringModel:
        """Read a model from its native files, and check it.

        Raises:
            ModelBroken: where the files are not those registered, or no longer score as they did.
        """
        stored = self._stored(which)
        with tempfile.TemporaryDirectory() as scratch:
            folder = self._native_files(stored, scratch)
            return load_intact(folder, str(stored.version), stored.tags.get("digest"))

    def versions(self) -> tuple[ModelVersion, ...]:
        """Every registered model, newest first."""
        with answering(self.location):
            found = self.client.search_model_versions(f"name='{NAME}'", order_by=["version_number DESC"])
        aliases = self._aliases() if found else {}
        return tuple(self._read(stored, aliases) for stored in found)

    def show(self, which: str) -> ModelDetails:
        """One model, with the candidates it was chosen from and its card."""
        model = self._read(self._stored(which), self._aliases())
        with answering(self.location), tempfile.TemporaryDirectory() as scratch:
            parent = self.client.get_run(model.run_id)
            children = self.client.search_runs(
                [parent.info.experiment_id],
                f"tags.{PARENT_TAG} = '{model.run_id}'",
                order_by=["attributes.start_time"],
            )
            card = Path(self.client.download_artifacts(model.run_id, CARD, scratch)).read_text("utf-8")
        return ModelDetails(model, tuple(candidate(run) for run in children), card)

    def compare(self, which: str, other: str) -> VersionComparison:
        """Two models side by side."""
        aliases = self._aliases()
        return comparison(*(self._read(self._stored(name), aliases) for name in (which, other)))

    def learned_from(self, which: str) -> Hashes:
        """The sorted hashes of the leads that a model has learned from (`training.data.lead_hashes`)."""
        run_id = _run_id(self._stored(which))
        with answering(self.location), tempfile.TemporaryDirectory() as scratch:
            file = self.client.download_artifacts(run_id, LEARNED, scratch)
            hashes: Hashes = np.load(file, allow_pickle=False)
        return hashes

    def taught(self, which: str) -> Taught | None:
        """What the leads that taught a model looked like; None of a model from before that was kept."""
        run_id = _run_id(self._stored(which))
        with answering(self.location), tempfile.TemporaryDirectory() as scratch:
            kept = {file.path for file in self.client.list_artifacts(run_id, Path(TAUGHT).parent.as_posix())}
            if TAUGHT not in kept:
                return None
            return Taught.from_text(Path(self.client.download_artifacts(run_id, TAUGHT, scratch)).read_text("utf-8"))

    def promote(self, which: str, *, by: str, why: str, at: datetime) -> Promotion:
        """Make a model the champion. Broken ones are refused, as `load` refuses them."""
        return self._crown(self.version_of(which), by, why, at, is_rollback=False)

    def rollback(self, *, by: str, why: str, at: datetime) -> Promotion:
        """Make the champion before this one champion again; once more goes back one further.

        Raises:
            NothingToRollBack: where there was no other.
        """
        champion = self.champion_version()
        version = before(champion, self.history())
        if version is None:
            raise NothingToRollBack(champion)
        return self._crown(version, by, why, at, is_rollback=True)

    def history(self) -> tuple[Promotion, ...]:
        """Who became champion, oldest first."""
        return from_tags(self._registered().tags)

    def _crown(self, version: str, by: str, why: str, at: datetime, *, is_rollback: bool) -> Promotion:
        self.load(version)
        aliases = self._aliases()
        promotion = Promotion(version, aliases.get(CHAMPION), at, by, why, is_rollback)
        with answering(self.location):
            insist(lambda: self.client.set_registered_model_alias(NAME, CHAMPION, version))
            self.client.set_registered_model_tag(NAME, *to_tag(promotion))
            if aliases.get(CHALLENGER) == version:
                self.client.delete_registered_model_alias(NAME, CHALLENGER)
        return promotion

    def _stored(self, which: str) -> StoredVersion:
        with looking_for(which, self.location):
            if which in ALIASES:
                return self.client.get_model_version_by_alias(NAME, which)
            return self.client.get_model_version(NAME, which)

    def _registered(self) -> RegisteredModel:
        with looking_for("model", self.location):
            return self.client.get_registered_model(NAME)

    def _aliases(self) -> dict[str, str]:
        return {alias: str(version) for alias, version in self._registered().aliases.items()}

    def _read(self, stored: StoredVersion, aliases: dict[str, str]) -> ModelVersion:
        with answering(self.location):
            return model_version(stored, self.client.get_run(_run_id(stored)), aliases)

    def _native_files(self, stored: StoredVersion, scratch: str) -> Path:
        try:
            with answering(self.location):
                model = self.client.get_model_version_download_uri(NAME, stored.version)
                address = f"{model}/{NATIVE}"
                uri = self.location.tracking_uri
                return Path(mlflow.artifacts.download_artifacts(address, dst_path=scratch, tracking_uri=uri))
        except RegistryUnreachable as error:
            raise ModelBroken(f"the files of model {stored.version} cannot be read: {error}") from error


def open_registry() -> Registry:
    """The registry that the environment names, or that of the working directory; nothing is opened yet."""
    return Registry(locate(Path.cwd(), os.environ))


def _run_id(stored: StoredVersion) -> str:
    if stored.run_id is None:
        raise RegistryError(f"model {stored.version} was registered by hand: no training run is known of it")
    return stored.run_id
