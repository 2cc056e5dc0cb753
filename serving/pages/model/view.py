"""The model page: can I trust it, what would make it better, what feeds it, and who promoted it."""

from collections.abc import Mapping
from dataclasses import dataclass

from features.schema import LeadSchema
from serving.pages import formatting
from serving.pages.model.delivered import Delivered, answer, basis, groups, picture
from serving.pages.model.views import FieldLine, ModelView, PromotionLine
from serving.pages.page_context import PageContext
from serving.pages.views import FactLine, Link, Table
from serving.store.overview import Rescored
from training.model import ScoringModel
from training.registry import NO_CHAMPION, ModelVersion
from training.registry.evaluation import CalibrationSummary
from training.registry.overview import MetricLine, Overview, Registered

WITHOUT_CHAMPION = {
    "champion": "It became champion because there was none.",
    "challenger": "There was no champion to beat at that time.",
}
"""What a run noted before there was a champion, as it reads once there is one."""


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
        answer=answer(promises, model),
        basis=basis(promises, known.delivered, model),
        picture=picture(promises),
        groups=groups(promises) if promises and promises.groups else None,
        better=tuple(_better(known, context)),
        cautions=champion.cautions if champion else (),
        versions=_versions(overview) if overview and overview.metrics else None,
        versions_note=f"{_not_yet_in_use(champion, model)}{_versions_note(overview)}",
        decisions=_decisions(overview),
        used=_used(model, champion.importance if champion else {}),
        left_out=_left_out(model, champion),
        rescoring=_rescoring(known.rescored, model),
        rescored_share=_share(known.rescored),
        promotions=_promotions(overview, context),
        mlflow=_mlflow(known),
        mlflow_command=_mlflow_command(known),
        facts=_facts(champion, model),
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
    return Table(head, tuple(map(metric_row, overview.metrics)), figures=(1, 2))


def _named(role: str, registered: Registered | None) -> str:
    return f"{role}, model {registered.model.version}" if registered else f"{role}: none"


def metric_row(line: MetricLine) -> tuple[str, ...]:
    """One metric of two models, and what it means."""
    estimates = (line.champion, line.challenger)
    shown = (
        _estimate(estimate.value, estimate.low, estimate.high) if estimate else formatting.DASH
        for estimate in estimates
    )
    return (line.name, *shown, line.meaning)


def _estimate(value: float, low: float, high: float) -> str:
    shown, least, most = (formatting.fixed(number, 3 if abs(value) < 1 else 2) for number in (value, low, high))
    return f"{shown} ({least} to {most})"


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
            decision_lines(one.model, role),
        )
        for role, one in pairs
        if one and one.model.decision
    )


def decision_lines(model: ModelVersion, role: str) -> tuple[str, ...]:
    """What the gate decided when a model was trained, as it reads for the role that the model has now."""
    return tuple(WITHOUT_CHAMPION[role] if reason == NO_CHAMPION else reason for reason in model.decision)


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


def _left_out(model: ScoringModel | None, champion: Registered | None) -> tuple[FieldLine, ...]:
    schema: LeadSchema | None = model.schema if model else None
    if schema is None:
        return ()
    later = (field for field in schema.fields if field not in schema.arrival_fields)
    notes = champion.notes if champion else {}
    missed = champion.missed if champion else {}
    lines = []
    for field in later:
        note = notes.get(field.name) or "known later than the lead arrives"
        what_it_would_add = f"; {missed[field.name]}" if field.name in missed else ""
        lines.append(FieldLine(field.name, field.kind.value, f"{note}{what_it_would_add}"))
    return tuple(lines)


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
