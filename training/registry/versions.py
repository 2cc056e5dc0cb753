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

from stats.types import Hashes
from training.checks.training_profile import TrainingProfile
from training.model import ModelBroken, ScoringModel
from training.registry.connection import (
    Location,
    connect,
    locate,
    translate_absence,
    translate_errors,
    write_with_retry,
)
from training.registry.errors import NothingToRollBack, RegistryError, RegistryUnreachable
from training.registry.integrity import load_intact
from training.registry.names import ALIASES, CARD, CHALLENGER, CHAMPION, HASHES, NAME, NATIVE, PARENT_TAG, PROFILE
from training.registry.promotions import find_previous, from_tags, to_tag
from training.registry.reading import compare_versions, read_candidate, read_model_version
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
        return str(self._find_version(which).version)

    def load(self, which: str) -> ScoringModel:
        """Read a model from its native files, and check it.

        Raises:
            ModelBroken: where the files are not those registered, or no longer score as they did.
        """
        stored = self._find_version(which)
        with tempfile.TemporaryDirectory() as scratch:
            folder = self._download_native_files(stored, scratch)
            return load_intact(folder, str(stored.version), stored.tags.get("digest"))

    def versions(self) -> tuple[ModelVersion, ...]:
        """Every registered model, newest first."""
        with translate_errors(self.location):
            found = self.client.search_model_versions(f"name='{NAME}'", order_by=["version_number DESC"])
        aliases = self._read_aliases() if found else {}
        return tuple(self._read_version(stored, aliases) for stored in found)

    def show(self, which: str) -> ModelDetails:
        """One model, with the candidates it was chosen from and its card."""
        model = self._read_version(self._find_version(which), self._read_aliases())
        with translate_errors(self.location), tempfile.TemporaryDirectory() as scratch:
            parent = self.client.get_run(model.run_id)
            children = self.client.search_runs(
                [parent.info.experiment_id],
                f"tags.{PARENT_TAG} = '{model.run_id}'",
                order_by=["attributes.start_time"],
            )
            card = Path(self.client.download_artifacts(model.run_id, CARD, scratch)).read_text("utf-8")
        return ModelDetails(model, tuple(read_candidate(run) for run in children), card)

    def compare(self, which: str, other: str) -> VersionComparison:
        """Two models side by side."""
        aliases = self._read_aliases()
        return compare_versions(*(self._read_version(self._find_version(name), aliases) for name in (which, other)))

    def training_hashes(self, which: str) -> Hashes:
        """The sorted hashes of the leads that a model was trained on (`training.data.lead_hashes`)."""
        run_id = _require_run_id(self._find_version(which))
        with translate_errors(self.location), tempfile.TemporaryDirectory() as scratch:
            file = self.client.download_artifacts(run_id, HASHES, scratch)
            hashes: Hashes = np.load(file, allow_pickle=False)
        return hashes

    def training_profile(self, which: str) -> TrainingProfile | None:
        """The profile of a model's training leads; None for a model from before it was stored."""
        run_id = _require_run_id(self._find_version(which))
        with translate_errors(self.location), tempfile.TemporaryDirectory() as scratch:
            stored = {file.path for file in self.client.list_artifacts(run_id, Path(PROFILE).parent.as_posix())}
            if PROFILE not in stored:
                return None
            return TrainingProfile.from_text(
                Path(self.client.download_artifacts(run_id, PROFILE, scratch)).read_text("utf-8")
            )

    def promote(self, which: str, *, by: str, why: str, at: datetime) -> Promotion:
        """Make a model the champion. Broken ones are refused, as `load` refuses them."""
        return self._make_champion(self.version_of(which), by, why, at, is_rollback=False)

    def rollback(self, *, by: str, why: str, at: datetime) -> Promotion:
        """Make the champion before this one champion again; once more goes back one further.

        Raises:
            NothingToRollBack: where there was no other.
        """
        champion = self.champion_version()
        version = find_previous(champion, self.history())
        if version is None:
            raise NothingToRollBack(champion)
        return self._make_champion(version, by, why, at, is_rollback=True)

    def history(self) -> tuple[Promotion, ...]:
        """Every promotion, oldest first."""
        return from_tags(self._find_registered_model().tags)

    def _make_champion(self, version: str, by: str, why: str, at: datetime, *, is_rollback: bool) -> Promotion:
        self.load(version)
        aliases = self._read_aliases()
        promotion = Promotion(version, aliases.get(CHAMPION), at, by, why, is_rollback)
        with translate_errors(self.location):
            # noted first: whatever breaks in between, no champion is without a word of who made it one
            self.client.set_registered_model_tag(NAME, *to_tag(promotion))
            write_with_retry(lambda: self.client.set_registered_model_alias(NAME, CHAMPION, version))
            if aliases.get(CHALLENGER) == version:
                self.client.delete_registered_model_alias(NAME, CHALLENGER)
        return promotion

    def _find_version(self, which: str) -> StoredVersion:
        with translate_absence(which, self.location):
            if which in ALIASES:
                return self.client.get_model_version_by_alias(NAME, which)
            return self.client.get_model_version(NAME, which)

    def _find_registered_model(self) -> RegisteredModel:
        with translate_absence("model", self.location):
            return self.client.get_registered_model(NAME)

    def _read_aliases(self) -> dict[str, str]:
        return {alias: str(version) for alias, version in self._find_registered_model().aliases.items()}

    def _read_version(self, stored: StoredVersion, aliases: dict[str, str]) -> ModelVersion:
        with translate_errors(self.location):
            return read_model_version(stored, self.client.get_run(_require_run_id(stored)), aliases)

    def _download_native_files(self, stored: StoredVersion, scratch: str) -> Path:
        try:
            with translate_errors(self.location):
                model = self.client.get_model_version_download_uri(NAME, stored.version)
                address = f"{model}/{NATIVE}"
                uri = self.location.tracking_uri
                return Path(mlflow.artifacts.download_artifacts(address, dst_path=scratch, tracking_uri=uri))
        except RegistryUnreachable as error:
            raise ModelBroken(f"the files of model {stored.version} cannot be read: {error}") from error


def open_registry() -> Registry:
    """The registry that the environment names, or that of the working directory; nothing is opened yet."""
    return Registry(locate(Path.cwd(), os.environ))


def _require_run_id(stored: StoredVersion) -> str:
    if stored.run_id is None:
        raise RegistryError(f"model {stored.version} was registered by hand: no training run is known of it")
    return stored.run_id
