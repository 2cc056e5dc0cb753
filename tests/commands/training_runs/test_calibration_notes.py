"""A retraining says how the scores in use kept their word, by the leads of the model page."""

from datetime import UTC, datetime
from pathlib import Path

from commands.training_runs.calibration_notes import calibration_notes
from serving.store.calibration_cohort import CohortWindow, read_cohort
from tests.serving.databases import new_store
from tests.serving.store.cohorts import perfect_scores

AS_OF = datetime(2026, 11, 2, tzinfo=UTC)


def test_a_retraining_tells_predicted_and_actual_customers_and_an_incomplete_log(tmp_path: Path) -> None:
    with new_store(f"sqlite:///{tmp_path}/leads.db") as store:
        perfect_scores(store, AS_OF, 3_000, logged=0.7, seed=4)
        cohort = store.read_now(read_cohort, CohortWindow.lately(90, AS_OF))
    told, log = calibration_notes(cohort)
    assert told.startswith(f"of {len(cohort):,} called leads that arrived from 2026-05-06 to 2026-08-03 the scores")
    assert f"{int(cohort.won.sum()):,} came: the difference is within what chance explains" in told
    assert "of the calls are logged" in log


def test_nothing_is_said_of_a_handful_of_leads(tmp_path: Path) -> None:
    with new_store(f"sqlite:///{tmp_path}/leads.db") as store:
        perfect_scores(store, AS_OF, 30, logged=0.0, seed=4)
        assert list(calibration_notes(store.read_now(read_cohort, CohortWindow.lately(90, AS_OF)))) == []
