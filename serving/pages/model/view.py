"""The model page's view: can I trust it, and what would make it better? The registry and the store in, words out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from analytics.report.report import day
from features.contact_log import ContactLog
from features.schema import LeadSchema
from serving.pages import formatting
from serving.pages.page_context import PageContext
from serving.pages.views import FactLine, FieldLine, Link, ModelView, Picture, PromotionLine, Table
from serving.store.calibration_cohort import Cohort, CohortWindow
from serving.store.overview import Rescored
from training.model import ScoringModel
from training.registry import NO_CHAMPION
from training.registry.evaluation import CalibrationGroup, CalibrationSummary
from training.registry.overview import MetricLine, Overview, Registered

WITHOUT_CHAMPION = {
    "champion": "It became champion because there was none.",
    "challenger": "There was no champion to beat at that time.",
}
"""What a run noted before there was a champion, as it reads once there is one."""
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


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the models; `overview` is None where the registry was not read yet or tells nothing."""

    overview: Overview | None
    delivered: Delivered
    rescored: Rescored | None
    mlflow_url: str | None

    @property
    def champion(self) -> Registered | None:
        return self.overview.champion if self.overview else None

    @property
    def promises(self) -> CalibrationSummary | None:
        """The judgement that is shown: the company's own where it says enough, else the training's."""
        if self.delivered.enough:
            return self.delivered.promises
        return self.champion.calibration if self.champion else None


def model_view(known: Known, context: PageContext) -> ModelView:
    """The whole page."""
    model, champion, promises = context.model, known.champion, known.promises
    overview = known.overview
    return ModelView(
        answer=_answer(promises, model),
        basis=_basis(known, model),
        picture=_picture(promises),
        groups=_groups(promises) if promises and promises.groups else None,
        better=tuple(_better(known, context)),
        cautions=champion.cautions if champion else (),
        versions=_versions(overview) if overview and overview.metrics else None,
        versions_note=f"{_not_yet_in_use(champion, model)}{_versions_note(overview)}",
        decisions=_decisions(overview),
        used=_used(model, champion.importance if champion else {}),
        left_out=_left_out(model, champion.notes if champion else {}),
        rescoring=_rescoring(known.rescored, model),
        rescored_share=_share(known.rescored),
        promotions=_promotions(overview, context),
        mlflow=_mlflow(known),
        mlflow_command=_mlflow_command(known),
        facts=_facts(champion, model),
    )


def _answer(promises: CalibrationSummary | None, model: ScoringModel | None) -> str:
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


def _basis(known: Known, model: ScoringModel | None) -> str:
    promises = known.promises
    if promises is None or model is None:
        return "Train a model with leads train; what it is worth then stands here."
    whole = promises.whole
    low, high = (round(whole.leads * end) for end in (whole.low, whole.high))
    noise = f"A perfect model would bring between {low:,} and {high:,}, 95 times of 100."
    if known.delivered.enough:
        return f"{noise} {_leads_of(known.delivered, model.horizon_days)}{_log_words(known.delivered)}"
    own = known.delivered.leads
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


def _picture(promises: CalibrationSummary | None) -> Picture | None:
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


def _groups(promises: CalibrationSummary) -> Table:
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


def _better(known: Known, context: PageContext) -> list[str]:
    """What somebody could do, the most telling first."""
    found: list[str] = []
    promises, overview = known.promises, known.overview
    if promises and not promises.whole.within_noise:
        found.append("The promises do not hold on these leads: train again on newer ones, with leads train.")
    if overview and overview.challenger:
        version = overview.challenger.model.version
        found.append(f"Model {version} waits as challenger. To use it: leads models promote {version}.")
    if context.model and (later := [field for field in context.model.schema.fields if field.known.value == "later"]):
        names = ", ".join(field.name for field in later[:5])
        found.append(
            f"Left out as known later than the lead arrives: {names}. If one of them is known on arrival after all, "
            'say known = "arrival" in scoring.toml and train again.'
        )
    if not known.delivered.enough and context.model:
        found.append(
            "Report what becomes of leads (PUT /v1/leads/{id}/outcome): "
            f"{context.model.horizon_days} days later they show here "
            "whether the promises are kept, and the next training learns from them."
        )
    return found


def _versions(overview: Overview) -> Table:
    head = ("", _named("Champion", overview.champion), _named("Challenger", overview.challenger), "Meaning")
    return Table(head, tuple(map(_metric_row, overview.metrics)), figures=(1, 2))


def _named(role: str, registered: Registered | None) -> str:
    return f"{role}, model {registered.model.version}" if registered else f"{role}: none"


def _metric_row(line: MetricLine) -> tuple[str, ...]:
    estimates = (line.champion, line.challenger)
    shown = (
        _estimate(estimate.value, estimate.low, estimate.high) if estimate else formatting.DASH
        for estimate in estimates
    )
    return (line.name, *shown, line.meaning)


def _estimate(value: float, low: float, high: float) -> str:
    digits = 3 if abs(value) < 1 else 2
    return f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _not_yet_in_use(champion: Registered | None, model: ScoringModel | None) -> str:
    if champion is None or model is None or champion.model.version == model.version:
        return ""
    return (
        f"Model {champion.model.version} is champion in the registry; this service still scores with model "
        f"{model.version}, and looks for a new champion every LEADS_POLL_SECONDS. "
    )


def _versions_note(overview: Overview | None) -> str:
    if overview is None:
        return "The model registry has not been read, so what was measured of the models is not known here."
    if overview.challenger is None:
        return "No challenger waits. Numbers are of leads that the model had not seen, with their 95 % intervals."
    if overview.same_leads:
        return "Both were judged on the same leads, which neither had seen; in brackets the 95 % intervals."
    return "They were judged on different leads, so these numbers cannot be held against each other."


def _decisions(overview: Overview | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if overview is None:
        return ()
    pairs = (("champion", overview.champion), ("challenger", overview.challenger))
    return tuple(
        (
            f"What was decided when model {one.model.version}, now {role}, was trained",
            tuple(WITHOUT_CHAMPION[role] if reason == NO_CHAMPION else reason for reason in one.model.decision),
        )
        for role, one in pairs
        if one and one.model.decision
    )


def _used(model: ScoringModel | None, importance: Mapping[str, float]) -> tuple[FieldLine, ...]:
    if model is None:
        return ()
    fields = sorted(model.schema.arrival_fields, key=lambda field: -importance.get(field.name, 0.0))
    heaviest = max(importance.values(), default=0.0)
    return tuple(FieldLine(field.name, field.kind.value, _weight(importance, field.name, heaviest)) for field in fields)


def _weight(importance: Mapping[str, float], name: str, heaviest: float) -> str:
    if not importance or not heaviest:
        return f"{formatting.DASH} not kept with this model"
    share = importance.get(name, 0.0) / sum(importance.values())
    return f"{100 * share:.0f}\u00a0%" if share >= 0.005 else "hardly any"


def _left_out(model: ScoringModel | None, notes: Mapping[str, str]) -> tuple[FieldLine, ...]:
    schema: LeadSchema | None = model.schema if model else None
    if schema is None:
        return ()
    later = (field for field in schema.fields if field not in schema.arrival_fields)
    why = "known later than the lead arrives"
    return tuple(FieldLine(field.name, field.kind.value, notes.get(field.name) or why) for field in later)


def _rescoring(rescored: Rescored | None, model: ScoringModel | None) -> str:
    if rescored is None or model is None:
        return "No model is in use, so nothing is rescored."
    if rescored.leads == 0:
        return "The queue is empty, so there is nothing to rescore."
    if rescored.done == rescored.leads:
        return f"All {formatting.count(rescored.leads, 'open lead')} have scores of model {model.version}."
    return f"{rescored.done:,} of {rescored.leads:,} open leads have scores of model {model.version}; the rest follow."


def _share(rescored: Rescored | None) -> float | None:
    """What a bar shows while it is not all."""
    return rescored.done / rescored.leads if rescored and rescored.done < rescored.leads else None


def _promotions(overview: Overview | None, context: PageContext) -> tuple[PromotionLine, ...]:
    history = reversed(overview.history) if overview else ()
    return tuple(
        PromotionLine(
            when=context.moment(promotion.at),
            exact=context.exact(promotion.at),
            version=promotion.version + (" (rolled back)" if promotion.is_rollback else ""),
            by=promotion.by,
            why=promotion.why,
        )
        for promotion in history
    )


def _mlflow(known: Known) -> Link | None:
    page = known.champion.page if known.champion else None
    url = page or known.mlflow_url
    return Link("The training run in MLflow" if page else "MLflow", url) if url else None


def _mlflow_command(known: Known) -> str | None:
    if known.overview is None or _mlflow(known):
        return None
    return f"mlflow ui --backend-store-uri {known.overview.tracking}"


def _facts(champion: Registered | None, model: ScoringModel | None) -> tuple[FactLine, ...]:
    if model is None:
        return ()
    least = ", ".join(
        f"{grade} from {formatting.in_hundred(cutoff)}"
        for grade, cutoff in model.grade_scale.least_probabilities().items()
        if cutoff
    )
    as_of = champion.model.as_of if champion else None
    return (
        FactLine("Model", f"{model.version}, {model.candidate}"),
        FactLine("Promise", f"won within {model.horizon_days} days"),
        FactLine("Grades", least or formatting.DASH),
        FactLine("Calibration", model.calibration.kind),
        FactLine("Learned up to", as_of or formatting.DASH, unused=None if as_of else "the registry does not say"),
    )
