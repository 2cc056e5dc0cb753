"""Promised against delivered on the model page: in one sentence, on which leads, as a chart and as a table."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from analytics.report.report import day
from features.contact_log import ContactLog
from serving.pages import formatting
from serving.pages.views import Picture, Table
from serving.store.calibration_cohort import Cohort, CohortWindow
from training.model import ScoringModel
from training.registry.evaluation import CalibrationGroup, CalibrationSummary

LEAST_LEADS, LEAST_WINS = 200, 10
"""Matured leads and wins from which the company's own scores are judged."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What matured leads say of the scores that they got as they came; `promises` is None while there are none.

    `window` says which leads these are, `log` what the contacts tell of who was worked.
    """

    promises: CalibrationSummary | None
    window: CohortWindow | None = None
    log: ContactLog | None = None

    @classmethod
    def of(cls, cohort: Cohort) -> Self:
        """From the store's leads."""
        promises = CalibrationSummary.of(cohort.probability.tolist(), cohort.won.tolist()) if len(cohort) else None
        return cls(promises, cohort.window, cohort.log)

    @property
    def leads(self) -> int:
        return self.promises.whole.leads if self.promises else 0

    @property
    def enough(self) -> bool:
        """Whether they say anything yet."""
        whole = self.promises.whole if self.promises else None
        return whole is not None and whole.leads >= LEAST_LEADS and whole.leads * whole.predicted >= LEAST_WINS


def answer(promises: CalibrationSummary | None, model: ScoringModel | None) -> str:
    """Return the first sentence: customers promised and delivered, and whether chance explains the difference."""
    if model is None:
        return "No model is in use yet"
    if promises is None:
        return "Nothing is known yet of how this model keeps its promises"
    whole = promises.whole
    promised, delivered = (round(whole.leads * share) for share in (whole.predicted, whole.actual))
    told = f"Of {whole.leads:,} leads it promised {promised:,} customers; {delivered:,} came"
    if whole.within_noise:
        return f"{told}: as promised, within noise"
    return f"{told}: {'more' if whole.actual > whole.predicted else 'fewer'} than chance explains"


def basis(promises: CalibrationSummary | None, delivered: Delivered, model: ScoringModel | None) -> str:
    """Return what chance alone would bring, and which leads the judgement is of."""
    if promises is None or model is None:
        return "Train a model with leads train; what it is worth then stands here."
    whole = promises.whole
    low, high = (round(whole.leads * end) for end in (whole.low, whole.high))
    noise = f"A perfect model would bring between {low:,} and {high:,}, 95 times of 100."
    if delivered.enough:
        return f"{noise} {_leads_of(delivered, model.horizon_days)}{_log_words(delivered)}"
    own = delivered.leads
    why = (
        f"{formatting.count(own, 'scored lead')} of your own matured so far"
        if own
        else "none of your own scored leads has"
    )
    matured = f"{why}, too few to tell" if own else f"{why} matured yet"
    return (
        f"{noise} These are the last leads of its training data, judged by a model that had not seen them; {matured}."
    )


def _leads_of(delivered: Delivered, horizon_days: int) -> str:
    """Which leads the judgement is of."""
    window = delivered.window
    if window is None or window.start is None:
        which = f"all leads that are at least {horizon_days} days old"
    else:
        last = window.matured_by - timedelta(microseconds=1)
        which = f"the leads that arrived from {day(window.start)} to {day(last)}"
    return f"These are {which} and were worked, by the score that each got on arrival."


def _log_words(delivered: Delivered) -> str:
    """What a reader must know where not all calls are logged."""
    note = delivered.log.note if delivered.log else None
    return f" {note}." if note else ""


def picture(promises: CalibrationSummary | None) -> Picture | None:
    """Return the chart of groups of leads of like chance with its words; None without groups."""
    if promises is None or not promises.groups:
        return None
    inside = sum(group.within_noise for group in promises.groups)
    finding = f"Delivered as promised, within noise, in {inside} of {len(promises.groups)} groups"
    caption = (
        "Each point is a group of leads of like chance: along, what was promised; up, what was delivered. On the "
        "dotted line both are the same. The bar behind a point is where a perfect model's would be 95 times of 100; a "
        "diamond lies outside it. Both scales are stretched at the low end, where most leads are."
    )
    alt = "; ".join(
        f"promised {formatting.in_hundred(group.predicted)}, delivered {formatting.in_hundred(group.actual)}"
        for group in promises.groups
    )
    return Picture(finding, caption, f"Promised against delivered. {alt}", "/charts/calibration")


def groups(promises: CalibrationSummary) -> Table:
    """Return the same groups as a table, all leads last."""
    head = ("Promised", "Delivered", "A perfect model", "Leads", "")
    return Table(head, (*map(_group_row, promises.groups), _group_row(promises.whole)), figures=(0, 1, 2, 3))


def _group_row(group: CalibrationGroup) -> tuple[str, ...]:
    noise = f"{100 * group.low:.1f} to {100 * group.high:.1f} in 100"
    verdict = "within noise" if group.within_noise else "outside noise"
    return (
        f"{100 * group.predicted:.1f} in 100",
        f"{100 * group.actual:.1f} in 100",
        noise,
        f"{group.leads:,}",
        verdict,
    )
