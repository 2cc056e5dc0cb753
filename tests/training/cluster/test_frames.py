"""A file scored by partition is the file scored on one machine."""

from pathlib import Path

import pandas as pd
import pytest

from commands.resumable_table import resumable_table
from features.errors import TableRefused
from tests.training.cluster.tables import ThisProcess
from tests.training.registry.runs import raw_leads, small_run
from training.cluster.frames import ClusterFrames
from training.model import ScoringModel
from training.score_file import FileScorer, FileScores, MapFrames, map_frames_in_threads


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ScoringModel:
    return small_run(tmp_path_factory.mktemp("run")).model


def score(model: ScoringModel, leads: Path, scored: Path, map_frames: MapFrames) -> FileScores:
    shares: list[float] = []
    with resumable_table(scored, {"model": "1"}) as table:
        scorer = FileScorer(model, 3, confidence=True, table=table, report=shares.append, map_frames=map_frames)
        return scorer.score(str(leads))


def write(table: pd.DataFrame, folder: Path) -> Path:
    (folder / "leads").mkdir()
    table.iloc[:150].to_parquet(folder / "leads" / "a.parquet", index=False, row_group_size=60)
    table.iloc[150:].to_parquet(folder / "leads" / "b.parquet", index=False)
    table.to_parquet(folder / "whole.parquet", index=False)
    return folder / "leads"


def test_scores_counts_and_repeated_rows_are_the_same(model: ScoringModel, tmp_path: Path) -> None:
    table = raw_leads().astype("str")
    table.loc[[5, 250], "code"] = ["new", "newer"]
    folder = write(pd.concat([table, table.iloc[[3, 200]]]), tmp_path)
    there = score(model, folder, tmp_path / "there.csv", ClusterFrames(ThisProcess()))
    here = score(model, tmp_path / "whole.parquet", tmp_path / "here.csv", map_frames_in_threads)
    assert (tmp_path / "there.csv").read_bytes() == (tmp_path / "here.csv").read_bytes()
    assert (there.grades, there.confidence, there.equal_rows) == (here.grades, here.confidence, 2)
    assert there.unseen.found() == here.unseen.found()


def test_problems_name_rows_of_the_whole_table(model: ScoringModel, tmp_path: Path) -> None:
    table = raw_leads().astype("str")
    table.loc[[5, 380], "age"] = "old"
    folder = write(table, tmp_path)
    with pytest.raises(TableRefused) as refused:
        score(model, folder, tmp_path / "there.csv", ClusterFrames(ThisProcess()))
    assert [(problem.column, problem.rows) for problem in refused.value.problems] == [("age", (5, 380))]
