"""What is said where a cluster is asked for that cannot be had."""

import sys

import pytest

from commands.training_runs.engine import Engine, EngineRefused, open_scoring, open_training
from tests.ports import free_port
from training.cluster import session
from training.score_file import map_frames_in_threads


def test_without_an_engine_all_is_done_here() -> None:
    with open_scoring(None, None) as map_frames, open_training(None, None, None, print) as cluster:
        assert map_frames is map_frames_in_threads
        assert cluster is None


@pytest.mark.parametrize(("engine", "scheduler"), [(Engine.DASK, None), (None, "tcp://127.0.0.1:1")])
def test_engine_and_scheduler_go_together(engine: Engine | None, scheduler: str | None) -> None:
    with pytest.raises(EngineRefused, match="go together, such as --engine dask"), open_scoring(engine, scheduler):
        pass


def test_a_time_out_for_a_cluster_is_refused_without_one() -> None:
    with (
        pytest.raises(EngineRefused, match="--fit-timeout is of a fit on a cluster"),
        open_training(None, None, 60.0, print),
    ):
        pass


def test_without_the_extra_its_name_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "training.cluster.session")
    monkeypatch.setitem(sys.modules, "distributed", None)
    with (
        pytest.raises(EngineRefused, match=r"pip install 'lead-scoring\[dask\]'"),
        open_training(Engine.DASK, "tcp://127.0.0.1:1", 60.0, print),
    ):
        pass


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{port}", "nonsense"])
def test_a_scheduler_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    address = address.format(port=free_port())
    monkeypatch.setattr(session, "CONNECT_S", 0.3)
    with (
        pytest.raises(session.ClusterRefused, match="no Dask scheduler answers at") as refused,
        open_scoring(Engine.DASK, address),
    ):
        pass
    assert address in str(refused.value)
