"""Predicted and actual customers on the model page: in one sentence, on which leads, as a chart and as a table."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from analytics.report.report import day
from features.contact_log import ContactLog
from language.numbers import whole as whole_number
from language.numbers import write_number
from language.text import gettext as _
from language.text import ngettext
from serving.pages import formatting
from serving.pages.charts import CALIBRATION_SIZES
from serving.pages.model.stored_words import CAUTIONS
from serving.pages.views import Picture, Table
from serving.store.calibration_cohort import Cohort, CohortWindow
from training.model import ScoringModel
from training.registry.stored_evaluation import CalibrationGroup, CalibrationSummary

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
    """Return the first sentence: customers predicted and actual, and whether chance explains the difference."""
    if model is None:
        return _("No model is in use yet")
    if promises is None:
        return _("It is not known yet whether this model's predictions come true")
    all_leads = promises.whole
    predicted, actual = (whole_number(all_leads.leads * share) for share in (all_leads.predicted, all_leads.actual))
    told = _(
        "Of %(leads)s leads it predicted %(predicted)s customers; %(actual)s came",
        leads=whole_number(all_leads.leads),
        predicted=predicted,
        actual=actual,
    )
    if all_leads.within_noise:
        return _("%(told)s: no clear difference", told=told)
    if all_leads.actual > all_leads.predicted:
        return _("%(told)s: clearly more", told=told)
    return _("%(told)s: clearly fewer", told=told)


def basis(promises: CalibrationSummary | None, delivered: Delivered, model: ScoringModel | None) -> str:
    """Return what chance alone would bring, and which leads the judgement is of."""
    if promises is None or model is None:
        return _("What a model is worth stands here once one is trained.")
    all_leads = promises.whole
    low, high = (whole_number(all_leads.leads * end) for end in (all_leads.low, all_leads.high))
    noise = _("By chance alone, %(low)s to %(high)s would be normal.", low=low, high=high)
    if delivered.enough:
        return f"{noise} {_leads_of(delivered, model.horizon_days)}{_log_words(delivered)}"
    leads = _(
        "These are the last leads of its training data, judged by a model that had not seen them; %(matured)s.",
        matured=_matured(delivered.leads),
    )
    return f"{noise} {leads}"


def _matured(own: int) -> str:
    if not own:
        return _("none of your own scored leads has matured yet")
    return ngettext(
        "%(num)s scored lead of your own matured so far, too few to tell",
        "%(num)s scored leads of your own matured so far, too few to tell",
        own,
    )


def _leads_of(delivered: Delivered, horizon_days: int) -> str:
    """Which leads the judgement is of."""
    window = delivered.window
    if window is None or window.start is None:
        return _(
            "These are all leads that are at least %(days)s old and were worked, by the score that each got on "
            "arrival.",
            days=formatting.day_count(horizon_days),
        )
    last = window.matured_by - timedelta(microseconds=1)
    return _(
        "These are the leads that arrived from %(first)s to %(last)s and were worked, by the score that each got on "
        "arrival.",
        first=day(window.start),
        last=day(last),
    )


def _log_words(delivered: Delivered) -> str:
    """What a reader must know where not all calls are logged."""
    note = delivered.log.note if delivered.log else None
    return f" {CAUTIONS.translate(note)}." if note else ""


def picture(promises: CalibrationSummary | None) -> Picture | None:
    """Return the chart of groups of leads of like chance with its words; None without groups."""
    if promises is None or not promises.groups:
        return None
    inside = sum(group.within_noise for group in promises.groups)
    finding = describe_groups(inside, len(promises.groups), is_off=not promises.whole.within_noise)
    caption = _(
        "Each point is a group of leads of like chance: along, what was predicted; up, what came. On the dotted "
        "line both are the same. The bar behind a point is where chance alone would put it 95 times of 100; a "
        "diamond lies outside. The scales are stretched at the low end, where most leads are."
    )
    alt = "; ".join(
        _(
            "predicted %(predicted)s, actual %(actual)s",
            predicted=formatting.in_hundred(group.predicted),
            actual=formatting.in_hundred(group.actual),
        )
        for group in promises.groups
    )
    alt = _("Predicted and actual.") + f" {alt}"
    return Picture(finding, caption, alt, "/charts/calibration", CALIBRATION_SIZES)


def describe_groups(inside: int, groups: int, *, is_off: bool) -> str:
    """How many groups are as predicted; `is_off` where all leads together clearly are not."""
    if not is_off:
        return ngettext(
            "No clear difference from the prediction in %(inside)s of %(num)s group",
            "No clear difference from the prediction in %(inside)s of %(num)s groups",
            groups,
            inside=inside,
        )
    if inside == groups:
        return _("Clearly off for all leads together, though no group of them is large enough to show it alone")
    return ngettext(
        "Clearly off for all leads together, and in %(outside)s of %(num)s group also by itself",
        "Clearly off for all leads together, and in %(outside)s of %(num)s groups also by itself",
        groups,
        outside=groups - inside,
    )


def groups(promises: CalibrationSummary) -> Table:
    """Return the same groups as a table, all leads last."""
    head = (_("Predicted"), _("Actual"), _("By chance alone"), _("Leads"), "")
    return Table(head, (*map(_group_row, promises.groups), _group_row(promises.whole)), figures=(0, 1, 2, 3))


def _group_row(group: CalibrationGroup) -> tuple[str, ...]:
    noise = _("%(low)s to %(high)s in 100", low=_tenths(group.low), high=_tenths(group.high))
    verdict = _("no clear difference") if group.within_noise else _("clear difference")
    return (
        _("%(count)s in 100", count=_tenths(group.predicted)),
        _("%(count)s in 100", count=_tenths(group.actual)),
        noise,
        whole_number(group.leads),
        verdict,
    )


def _tenths(share: float) -> str:
    """0.1834 → 18.3, of 100."""
    return write_number(100 * share, ".1f")
