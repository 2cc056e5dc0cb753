"""A file scored in batches is the table scored at once, and is refused with every problem of all batches."""

import gzip
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from commands.resumable_table import ResumableTable, resumable_table
from features.errors import TableRefused
from features.lead_table import parse_leads
from features.tables import csv_batches
from features.tables.read import read_table
from tests.training.registry.runs import raw_leads, small_run
from training.model import ScoringModel
from training.score_file import Done, FileScorer, FileScores


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> ScoringModel:
    return small_run(tmp_path_factory.mktemp("run")).model


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """About twenty leads a batch."""
    init = csv_batches.CsvRows.__init__
    monkeypatch.setattr(
        csv_batches.CsvRows,
        "__init__",
        lambda self, *parts, **named: init(self, *parts, **{"block_bytes": 2048, **named}),
    )
    monkeypatch.setattr(csv_batches, "BATCH_BLOCKS", 1)


MADE_OF = {"model": "1"}


def score(
    model: ScoringModel,
    leads: Path,
    scored: Path,
    reasons: int = 3,
    made_of: Mapping[str, str] = MADE_OF,
    most: int = 0,
) -> tuple[FileScores, list[float], ResumableTable]:
    """Score a file; of a run that is to be broken off, `most` batches are written."""
    shares: list[float] = []
    with resumable_table(scored, made_of) as table:
        if most:
            table.write = interrupt_after(most, table.write)  # type: ignore[assignment,method-assign]
        scorer = FileScorer(model, reasons, confidence=True, table=table, report=shares.append)
        return scorer.score(str(leads)), shares, table


def interrupt_after(calls: int, write: Callable[[Any, Done], None]) -> Callable[[Any, Done], None]:
    """The same function, which is interrupted once it was called so often."""
    numbers = count(1)

    def write_or_stop(encoded: Any, done: Done) -> None:
        write(encoded, done)
        if next(numbers) == calls:
            raise KeyboardInterrupt

    return write_or_stop


@pytest.fixture
def leads(tmp_path: Path) -> Callable[[pd.DataFrame], Path]:
    def write(table: pd.DataFrame) -> Path:
        path = tmp_path / "leads.csv"
        table.to_csv(path, index=False)
        return path

    return write


@pytest.mark.parametrize("reasons", [0, 3])
def test_a_file_is_scored_as_its_table_is(leads, model, tmp_path: Path, reasons: int) -> None:
    path = leads(raw_leads())
    scores, shares, _ = score(model, path, tmp_path / "scored.csv", reasons)
    at_once = model.score_table(parse_leads(read_table(str(path)), model.schema), reasons, confidence=True)
    assert (tmp_path / "scored.csv").read_text() == at_once.to_csv(index=False, lineterminator="\n")
    assert scores.leads == len(at_once)
    assert len(shares) > 10
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0, abs=0.01)


def test_packed_csv_and_parquet_hold_the_same(leads, model, tmp_path: Path) -> None:
    path = leads(raw_leads().head(150))
    (tmp_path / "leads.csv.gz").write_bytes(gzip.compress(path.read_bytes()))
    for source, name in ((path, "a.csv"), (tmp_path / "leads.csv.gz", "b.csv.gz"), (path, "c.parquet")):
        score(model, source, tmp_path / name)
    assert gzip.decompress((tmp_path / "b.csv.gz").read_bytes()) == (tmp_path / "a.csv").read_bytes()
    as_csv = pd.read_parquet(tmp_path / "c.parquet").to_csv(index=False, lineterminator="\n")
    assert as_csv == (tmp_path / "a.csv").read_text()


def test_rows_that_say_the_same_are_scored_once_however_far_apart(leads, model, tmp_path: Path) -> None:
    table = raw_leads()
    path = leads(pd.concat([table, table.iloc[[3, 350]], table.iloc[[3]]]))
    scores, *_ = score(model, path, tmp_path / "scored.csv")
    assert scores.equal_rows == 3
    score(model, leads(table), tmp_path / "once.csv")
    assert (tmp_path / "scored.csv").read_text() == (tmp_path / "once.csv").read_text()


def test_all_problems_of_all_batches_are_named_and_nothing_is_written(leads, model, tmp_path: Path) -> None:
    table = raw_leads().astype({"age": object})
    table.loc[5, "age"] = table.loc[380, "age"] = "old"
    table.loc[200, "created"] = "yesterday"
    table.iloc[399, table.columns.get_loc("id")] = table["id"].iloc[0]
    table.loc[300, "id"] = None
    with pytest.raises(TableRefused) as refused:
        score(model, leads(table), tmp_path / "scored.csv")
    found = {(problem.column, problem.rows) for problem in refused.value.problems}
    assert found == {("id", (301,)), ("id", (2, 401)), ("created", (201,)), ("age", (6, 381))}
    assert [problem.column for problem in refused.value.problems][-1] == "age"
    assert [path.name for path in tmp_path.iterdir()] == ["leads.csv"]


def test_a_missing_column_is_said_once(leads, model, tmp_path: Path) -> None:
    with pytest.raises(TableRefused, match="no such column") as refused:
        score(model, leads(raw_leads().drop(columns="age")), tmp_path / "scored.csv")
    assert len(refused.value.problems) == 1


def test_values_never_seen_are_counted_over_all_batches(leads, model, tmp_path: Path) -> None:
    table = raw_leads().astype({"code": object})
    table.loc[[5, 250, 390], "code"] = ["new", "newer", "newer"]
    path = leads(table)
    scores, *_ = score(model, path, tmp_path / "scored.csv")
    assert scores.unseen.found() == model.unseen_values(parse_leads(read_table(str(path)), model.schema))
    assert [found.values for found in scores.unseen.found() if found.field == "code"] == [("newer", "new")]


@pytest.mark.parametrize("name", ["scored.csv", "scored.csv.gz", "scored.parquet"])
@pytest.mark.parametrize("repeats", [0, 2], ids=["once", "with equal rows"])
def test_a_run_that_is_broken_off_goes_on_and_writes_the_same(
    leads, model, tmp_path: Path, name: str, repeats: int
) -> None:
    table = raw_leads().head(150)
    path = leads(pd.concat([table, *[table.iloc[[3, 90]]] * repeats]))
    whole, *_ = score(model, path, tmp_path / f"whole-{name}")
    batches = len(pd.read_csv(path)) // 20
    stops = [2, 1, batches + 3] if repeats else [2, 1]  # the last one in the pass without equal rows
    for stop in stops:
        with pytest.raises(KeyboardInterrupt):
            score(model, path, tmp_path / name, most=stop)
        assert not (tmp_path / name).exists()
    with (tmp_path / f".{name}.part").open("ab") as file:
        file.write(b"half a piece")
    scores, _, went_on = score(model, path, tmp_path / name)
    assert 0 < went_on.done.last_row < len(table) + 2 * repeats
    assert went_on.done.without_equal == bool(repeats)
    assert scores == whole
    assert (tmp_path / name).read_bytes() == (tmp_path / f"whole-{name}").read_bytes()
    assert {one.name for one in tmp_path.iterdir()} == {"leads.csv", name, f"whole-{name}"}


def test_a_run_of_another_model_begins_anew(leads, model, tmp_path: Path) -> None:
    path, scored = leads(raw_leads().head(80)), tmp_path / "scored.csv"
    with pytest.raises(KeyboardInterrupt):
        score(model, path, scored, most=2)
    _, _, anew = score(model, path, scored, made_of={"model": "2"})
    assert (anew.changed, anew.done) == (("model",), Done())
    score(model, path, tmp_path / "whole.csv")
    assert scored.read_bytes() == (tmp_path / "whole.csv").read_bytes()
