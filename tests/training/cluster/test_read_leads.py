"""A table read by partition has the leads, labels and problems that it has as a whole."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.config import ScoringConfig
from features.errors import TableRefused
from features.history import History, read_history
from tests.training.cluster.tables import make_config, make_leads, remote_history, write_partitions
from training.cluster.partitions import list_partitions
from training.data.dataset import Dataset
from training.data.training_data import prepare_training_data

LEADS = 600
AS_OF = datetime(2026, 2, 6, tzinfo=UTC)
"""Soon after the last arrival, so that some leads are open."""


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return make_leads(LEADS)


def both(folder: Path, table: pd.DataFrame, **section: object) -> tuple[ScoringConfig, History, History]:
    """The configuration, and the history as it is read whole and by partition."""
    table.to_parquet(folder / "whole.parquet", index=False)
    write_partitions(table, folder / "parts")
    whole, parts = make_config(folder, "whole.parquet", **section), make_config(folder, "parts", **section)
    return parts, read_history(whole), remote_history(parts)


def labels_of(dataset: Dataset) -> list[np.ndarray]:
    names = ("won", "sample_weight", "open", "observed_share", "age", "delay")
    return [*(getattr(dataset, name) for name in names), dataset.arrived_at, dataset.leads.lead_id]


def test_labels_are_those_of_one_machine(tmp_path: Path, table: pd.DataFrame) -> None:
    config, whole, remote = both(tmp_path, table)
    here, there = (prepare_training_data(config, history, AS_OF, None, 7) for history in (whole, remote))
    assert here.notes == there.notes
    for one, other in ((here.dataset, there.dataset), (here.past, there.past)):
        for mine, theirs in zip(labels_of(one), labels_of(other), strict=True):
            np.testing.assert_array_equal(mine, theirs)
        assert (one.counts, one.as_of, one.source_contacts) == (other.counts, other.as_of, other.source_contacts)
    np.testing.assert_array_equal(here.split.test, there.split.test)
    assert 0 < here.dataset.open.sum() < len(here.dataset)


def test_the_fields_of_some_leads_come_when_asked_for(tmp_path: Path, table: pd.DataFrame) -> None:
    _, whole, remote = both(tmp_path, table)
    rows = np.random.default_rng(1).permutation(LEADS)[:50]
    for mine, theirs in ((whole.leads, remote.leads), (whole.later, remote.later)):
        here, there = mine.take(rows), theirs.take(rows)
        assert [*here.fields] == [*there.fields]
        for name, column in here.fields.items():
            assert [column[row] for row in range(50)] == [there.fields[name][row] for row in range(50)]
        again = there.take(np.array([3, 1]))
        assert (
            again.fields["age" if "age" in here.fields else "called_again"][1]
            == here.fields["age" if "age" in here.fields else "called_again"][1]
        )


def test_the_hash_changes_with_any_cell(tmp_path: Path, table: pd.DataFrame) -> None:
    hashes = []
    for name, cell in (("a", None), ("b", None), ("c", "fax machine")):
        (tmp_path / name).mkdir()
        changed = table.copy()
        if cell:
            changed.loc[411, "position"] = cell
        hashes.append(both(tmp_path / name, changed)[2].leads.content_hash())
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_row_that_another_partition_repeats_counts_once(tmp_path: Path, table: pd.DataFrame) -> None:
    _, whole, remote = both(tmp_path, pd.concat([table, table.iloc[[5, 300]], table.iloc[[5]]]))
    assert remote.notes == tuple(note.replace("whole.parquet", "parts") for note in whole.notes)
    assert "rows that are equal to an earlier one: 3" in remote.notes[0]
    assert remote.leads.lead_id.tolist() == whole.leads.lead_id.tolist()
    np.testing.assert_array_equal(remote.status, whole.status)


def test_problems_of_all_partitions_are_named_together(tmp_path: Path, table: pd.DataFrame) -> None:
    wrong = table.copy()
    wrong.loc[[3, 500], "age"] = "old"
    wrong.loc[220, "created"] = "yesterday"
    wrong.loc[590, "id"] = None
    write_partitions(wrong, tmp_path / "parts")
    with pytest.raises(TableRefused) as by_part:
        remote_history(make_config(tmp_path, "parts"))
    found = {(problem.column, problem.rows) for problem in by_part.value.problems}
    assert found == {("age", (4, 501)), ("created", (221,)), ("id", (591,))}


def test_an_id_on_two_rows_that_differ_is_refused(tmp_path: Path, table: pd.DataFrame) -> None:
    other = table.iloc[[5]].assign(age="19")
    write_partitions(pd.concat([table, other]), tmp_path / "parts")
    with pytest.raises(TableRefused, match="an id names one lead") as refused:
        remote_history(make_config(tmp_path, "parts"))
    assert refused.value.problems[0].rows == (6, LEADS + 1)


def test_what_is_no_parquet_is_refused_with_what_is(tmp_path: Path, table: pd.DataFrame) -> None:
    table.to_csv(tmp_path / "leads.csv")
    for location in (str(tmp_path / "leads.csv"), str(tmp_path), "postgresql://somebody:secret@host/db"):
        with pytest.raises(TableRefused, match=r"a file, or a folder of \.parquet files") as refused:
            list_partitions(location)
        assert "secret" not in str(refused.value)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(TableRefused, match="cannot be read as Parquet"):
        list_partitions(str(tmp_path))


def test_files_with_other_columns_are_refused(tmp_path: Path, table: pd.DataFrame) -> None:
    write_partitions(table, tmp_path / "parts")
    table.drop(columns="job").assign(role="x").to_parquet(tmp_path / "parts" / "part-7.parquet")
    with pytest.raises(TableRefused, match="have not the same columns: 'job', 'role'"):
        list_partitions(str(tmp_path / "parts"))


def test_leads_without_ids_are_named_by_their_rows(tmp_path: Path, table: pd.DataFrame) -> None:
    write_partitions(table, tmp_path / "parts")
    config = make_config(tmp_path, "parts")
    leads = config.leads.model_copy(update={"id": None})
    history = remote_history(config.model_copy(update={"leads": leads}))
    assert history.leads.lead_id[[0, 399]].tolist() == ["1", "400"]
