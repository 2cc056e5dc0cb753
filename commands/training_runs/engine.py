"""The engine that trains or scores: this machine, or a Dask cluster, which is an extra."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from features.errors import Refused
from training.score_file import MapFrames, map_frames_in_threads

if TYPE_CHECKING:
    from training.cluster.fit import TrainingCluster

FIT_TIMEOUT_S = 3600.0
"""How long one fit on a cluster may take, unless the user says."""


class Engine(StrEnum):
    """A cluster that does the work; where none is named, this machine does it."""

    DASK = "dask"


EngineOption = Annotated[
    Engine | None,
    typer.Option("--engine", help="A cluster that reads the leads by partition; by default this machine does all."),
]
SchedulerOption = Annotated[
    str | None, typer.Option("--scheduler", help="The address of the cluster's scheduler, such as tcp://10.0.0.5:8786.")
]


class EngineRefused(Refused):
    """An engine that is not installed, or one without its address."""


@contextmanager
def open_training(
    engine: Engine | None, scheduler: str | None, fit_timeout_s: float | None, note: Callable[[str], None]
) -> Iterator["TrainingCluster | None"]:
    """The cluster that trains; None for this machine. `note` is called with the reason where a fit is begun again.

    Raises:
        EngineRefused, ClusterRefused: as `_open_session`, and where a time-out is given that no cluster would keep.
    """
    if engine is None and fit_timeout_s is not None:
        raise EngineRefused(
            "--fit-timeout is of a fit on a cluster: give --engine and --scheduler too; "
            "on this machine --budget says how long training takes"
        )
    seconds = FIT_TIMEOUT_S if fit_timeout_s is None else fit_timeout_s
    with _open_session(engine, scheduler) as session:
        yield session and import_module("training.cluster.fit").TrainingCluster(session, seconds, note)


@contextmanager
def open_scoring(engine: Engine | None, scheduler: str | None) -> Iterator[MapFrames]:
    """What reads a file and has its batches scored: the threads of this machine, or the cluster."""
    with _open_session(engine, scheduler) as session:
        yield import_module("training.cluster.frames").ClusterFrames(session) if session else map_frames_in_threads


@contextmanager
def _open_session(engine: Engine | None, scheduler: str | None) -> Iterator[Any]:
    """The connection to the cluster; None for this machine.

    Raises:
        EngineRefused: where one of both options is missing, or the extra is not installed.
        ClusterRefused: where the cluster cannot be reached or used.
    """
    if engine is None and scheduler is None:
        yield None
        return
    if engine is None or scheduler is None:
        raise EngineRefused(
            "--engine and --scheduler go together, such as --engine dask --scheduler tcp://10.0.0.5:8786"
        )
    try:
        session = import_module("training.cluster.session")
    except ImportError:
        raise EngineRefused("--engine dask needs the extra: pip install 'lead-scoring[dask]'") from None
    with session.open_session(scheduler) as opened:
        yield opened
