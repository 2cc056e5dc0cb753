"""Predicted and actual customers among the store's matured leads, as notes for the report of a retraining."""

from collections.abc import Iterator
from datetime import timedelta

from serving.store.calibration_cohort import Cohort
from training.registry.stored_evaluation import CalibrationSummary

FEWEST = 20
"""With fewer leads there is no such note."""


def calibration_notes(cohort: Cohort) -> Iterator[str]:
    """Predicted beside actual customers, of the same leads as on the model page, and whether all calls are logged."""
    if len(cohort) >= FEWEST:
        whole = CalibrationSummary.of(cohort.probability.tolist(), cohort.won.tolist()).whole
        window = cohort.window
        first = f"{window.start:%Y-%m-%d}" if window.start else "ever"
        last = window.matured_by - timedelta(microseconds=1)
        verdict = "within what chance explains" if whole.within_noise else "more than chance explains"
        yield (
            f"of {len(cohort):,} called leads that arrived from {first} to {last:%Y-%m-%d} the scores predicted "
            f"{cohort.probability.sum():,.0f} customers and {int(cohort.won.sum()):,} came: the difference is {verdict}"
        )
    if cohort.log is not None and cohort.log.note:
        yield cohort.log.note
