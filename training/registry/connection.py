"""Where MLflow keeps its records, and a client for it. A local database takes seconds to make, once."""

import os
import re
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from mlflow import MlflowClient
from mlflow.exceptions import MlflowException

from training.registry.errors import NoModel, RegistryUnreachable, find_reason
from training.registry.quiet import quiet, without_progress_bars

PATIENCE_S = 5.0
ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
"""An alias that is not set, and a version that is no number, are invalid parameters to MLflow."""

_FILE = re.compile(r"^sqlite:///(?!:memory:)([^?]+)")


@dataclass(frozen=True)
class Location:
    """A tracking address; `artifacts` is where files go, None where MLflow decides that."""

    tracking_uri: str
    registry_uri: str | None = None
    artifacts: Path | None = None

    @classmethod
    def under(cls, root: Path) -> Self:
        """The default: all of it in the folder mlruns/ under `root`."""
        folder = root.resolve() / "mlruns"
        return cls(f"sqlite:///{folder / 'mlflow.db'}", artifacts=folder)

    @property
    def database(self) -> Path | None:
        """The file of an SQLite database."""
        file = _FILE.match(self.tracking_uri)
        return Path(file[1]) if file else None


def locate(root: Path, environ: Mapping[str, str]) -> Location:
    """MLFLOW_TRACKING_URI (and MLFLOW_REGISTRY_URI) where set, else mlruns/ under `root`."""
    if uri := environ.get("MLFLOW_TRACKING_URI"):
        return Location(uri, environ.get("MLFLOW_REGISTRY_URI"))
    return Location.under(root)


def connect(location: Location, *, create: bool) -> MlflowClient:
    """Open the registry, making a local database where there is none and `create` says so.

    Raises:
        NoModel: where there is no local database yet, and none is to be made.
        RegistryUnreachable: where the server or the database does not answer.
    """
    without_progress_bars()
    with translate_errors(location):
        if location.database is None:
            _check_port(location)
        elif not location.database.exists():
            if not create:
                raise NoModel("model")
            _create(location.database)
        return _client(location)


def _client(location: Location) -> MlflowClient:
    try:
        with quiet():
            return MlflowClient(location.tracking_uri, location.registry_uri)
    except Exception as error:  # each kind of database fails in its own driver's way
        raise RegistryUnreachable(_describe(location, error), find_reason(error)) from error


@contextmanager
def translate_errors(location: Location) -> Iterator[None]:
    """Turn whatever MLflow raises into `RegistryUnreachable`."""
    try:
        yield
    except (MlflowException, OSError) as error:
        raise RegistryUnreachable(_describe(location, error), find_reason(error)) from error


def write_with_retry(write: Callable[[], object]) -> None:
    """Write, and once more where that fails: another training may have made the same row between look and write."""
    try:
        write()
    except MlflowException:
        write()


@contextmanager
def translate_absence(which: str, location: Location) -> Iterator[None]:
    """As `translate_errors`, and `NoModel` where MLflow says that there is no such alias, version or model."""
    with translate_errors(location):
        try:
            yield
        except MlflowException as error:
            if error.error_code in ABSENT:
                raise NoModel(which) from error
            raise


def _check_port(location: Location) -> None:
    """Fail at once where nobody listens; MLflow itself would try again for minutes."""
    address = urlsplit(location.tracking_uri)
    if address.scheme in ("http", "https") and address.hostname:
        port = address.port or (443 if address.scheme == "https" else 80)
        socket.create_connection((address.hostname, port), PATIENCE_S).close()


def _create(database: Path) -> None:
    """Build the database under another name first, so that two trainings at once never see half of one."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=database.parent, prefix=".new-") as folder, quiet():
        draft = Path(folder) / database.name
        MlflowClient(f"sqlite:///{draft}")
        try:
            os.link(draft, database)
        except FileExistsError:
            return  # another training was faster, and its database is as good


def _describe(location: Location, error: Exception) -> str:
    """One line, without a password."""
    return f"MLflow at {re.sub(r'//[^/@]*@', '//***@', location.tracking_uri)}: {str(error).splitlines()[0]}"
