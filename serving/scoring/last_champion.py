"""The last champion that worked, kept in one file: for a start while the model registry cannot be read.

The file holds the model's own text files (no pickle), their digest, and which registry it came from; it is replaced
whole, so that several processes may write it. One that is damaged, or of another registry, is not used.
"""

import hashlib
import json
import logging
import tempfile
import zipfile
from pathlib import Path
from uuid import uuid4

from features.whole_files import replace_file
from serving.event_log import log_event
from training.model import ModelBroken, ScoringModel
from training.registry.integrity import digest

ABOUT = "about.json"
WRONG = (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile)


class LastChampion:
    """The file; `registry` is the address of the registry, of which a hash is kept."""

    def __init__(self, file: Path, registry: str) -> None:
        self.file, self._registry = file, hashlib.sha256(registry.encode()).hexdigest()

    def keep(self, model: ScoringModel) -> None:
        """Replace what is there. Never raises: the service goes on without."""
        try:
            with replace_file(self.file, ending=uuid4().hex) as draft:
                self._write_archive(model, draft)
        except OSError as error:
            log_event("scorer.champion_not_kept", logging.WARNING, error, reason=error.strerror, file=self.file)

    def load(self) -> ScoringModel | None:
        """The model that is kept; None where there is none that may be used."""
        if not self.file.exists():
            return None
        try:
            with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(self.file) as archive:
                about = json.loads(archive.read(ABOUT))
                return self._read_archive(archive, about, Path(scratch))
        except (*WRONG, ModelBroken) as error:
            log_event("scorer.kept_champion_refused", logging.WARNING, error, file=self.file)
            return None

    def _write_archive(self, model: ScoringModel, draft: Path) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            model.save(folder)
            about = {"version": model.version, "registry": self._registry, "digest": digest(folder)}
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(ABOUT, json.dumps(about))
                for part in sorted(folder.iterdir()):
                    archive.write(part, part.name)

    def _read_archive(self, archive: zipfile.ZipFile, about: dict[str, str], folder: Path) -> ScoringModel | None:
        if about["registry"] != self._registry:
            return None
        archive.extractall(folder, [name for name in archive.namelist() if name != ABOUT])
        if digest(folder) != about["digest"]:
            raise ModelBroken("the kept champion is damaged")
        return ScoringModel.load(folder, about["version"])
