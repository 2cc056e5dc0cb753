"""The integrity of a stored model: its native files are those that were registered."""

import hashlib
from pathlib import Path

from training.model import ModelBroken, ScoringModel
from training.registry.self_check import verify


def digest(folder: Path) -> str:
    """SHA-256 over the names and contents of the files in a folder."""
    whole = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        whole.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def load_intact(folder: Path, version: str, registered_digest: str | None) -> ScoringModel:
    """Read what `ScoringModel.save` and `write_selfcheck` wrote.

    Raises:
        ModelBroken: where the files are not those registered, or no longer score as they did.
    """
    if digest(folder) != registered_digest:
        raise ModelBroken(f"the files of model {version} are not those that were registered")
    model = ScoringModel.load(folder, version)
    verify(model, folder)
    return model
