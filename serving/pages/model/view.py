"""The model page: can I trust it, what would make it better, what feeds it, and who promoted it."""

from collections.abc import Mapping

from features.schema import LeadSchema
from language.numbers import whole
from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages import formatting
from serving.pages.field_titles import KINDS
from serving.pages.model.advice import advise, training_page
from serving.pages.model.delivered import answer, basis, groups, picture
from serving.pages.model.known import Known
from serving.pages.model.stored_words import CAUTIONS, DECISIONS, METRICS, MISSED, NOTES
from serving.pages.model.views import FieldLine, ModelView, PromotionLine
from serving.pages.page_context import PageContext
from serving.pages.views import FactLine, Link, Table
from serving.store.overview import Rescored
from training.model import ScoringModel
from training.registry import NO_CHAMPION, ModelVersion
from training.registry.overview import MetricLine, Overview, Registered

WITHOUT_CHAMPION = {
    "champion": mark("It became champion because there was none."),
    "challenger": mark("There was no champion to beat at that time."),
}
"""What a run noted before there was a champion, as it reads once there is one."""
DECIDED = {
    "champion": mark("What was decided when model %(version)s, now champion, was trained"),
    "challenger": mark("What was decided when model %(version)s, now challenger, was trained"),
}


def model_view(known: Known, context: PageContext, *, may_administer: bool = False) -> ModelView:
    """The whole page; who may not administer is told commands in place of pages."""
    model, champion, promises = context.model, known.champion, known.promises
    overview = known.overview
    return ModelView(
        answer=answer(promises, model),
        basis=basis(promises, known.delivered, model),
        picture=picture(promises),
        groups=groups(promises) if promises and promises.groups else None,
        better=tuple(advise(known, context, may_administer=may_administer)),
        cautions=tuple(map(CAUTIONS.translate, champion.cautions)) if champion else (),
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
        training=training_page() if may_administer else None,
    )


def _versions(overview: Overview) -> Table:
    head = ("", _champion(overview.champion), _challenger(overview.challenger), _("Meaning"))
    return Table(head, tuple(map(metric_row, overview.metrics)), figures=(1, 2))


def _champion(registered: Registered | None) -> str:
    if registered is None:
        return _("Champion: none")
    return _("Champion, model %(version)s", version=registered.model.version)


def _challenger(registered: Registered | None) -> str:
    if registered is None:
        return _("Challenger: none")
    return _("Challenger, model %(version)s", version=registered.model.version)


def metric_row(line: MetricLine) -> tuple[str, ...]:
    """One metric of two models, and what it means."""
    estimates = (line.champion, line.challenger)
    shown = (
        _estimate(estimate.value, estimate.low, estimate.high) if estimate else formatting.DASH
        for estimate in estimates
    )
    name, meaning = METRICS.get(line.name, (line.name, line.meaning))
    return (_(name), *shown, _(meaning))


def _estimate(value: float, low: float, high: float) -> str:
    shown, least, most = (formatting.fixed(number, 3 if abs(value) < 1 else 2) for number in (value, low, high))
    return _("%(value)s (%(low)s to %(high)s)", value=shown, low=least, high=most)


def _not_yet_in_use(champion: Registered | None, model: ScoringModel | None) -> str:
    if champion is None or model is None or champion.model.version == model.version:
        return ""
    told = _(
        "Model %(champion)s is champion in the registry; this service still scores with model %(version)s, and looks "
        "for a new champion every LEADS_POLL_SECONDS.",
        champion=champion.model.version,
        version=model.version,
    )
    return f"{told} "


def _versions_note(overview: Overview | None) -> str:
    if overview is None:
        return _("The model registry has not been read, so what was measured of the models is not known here.")
    if overview.challenger is None:
        return _("No challenger waits. Numbers are of leads that the model had not seen, with their 95 % intervals.")
    if overview.same_leads:
        return _("Both were judged on the same leads, which neither had seen; in brackets the 95 % intervals.")
    return _("They were judged on different leads, so these numbers cannot be compared.")


def _decisions(overview: Overview | None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if overview is None:
        return ()
    pairs = (("champion", overview.champion), ("challenger", overview.challenger))
    return tuple(
        (
            _(DECIDED[role], version=one.model.version),
            decision_lines(one.model, role),
        )
        for role, one in pairs
        if one and one.model.decision
    )


def decision_lines(model: ModelVersion, role: str) -> tuple[str, ...]:
    """What the gate decided when a model was trained, as it reads for the role that the model has now."""
    return tuple(
        _(WITHOUT_CHAMPION[role]) if reason == NO_CHAMPION else DECISIONS.translate(reason) for reason in model.decision
    )


def _used(model: ScoringModel | None, importance: Mapping[str, float]) -> tuple[FieldLine, ...]:
    if model is None:
        return ()
    fields = sorted(model.schema.arrival_fields, key=lambda field: -importance.get(field.name, 0.0))
    heaviest = max(importance.values(), default=0.0)
    return tuple(
        FieldLine(field.name, _(KINDS[field.kind.value]), _weight(importance, field.name, heaviest)) for field in fields
    )


def _weight(importance: Mapping[str, float], name: str, heaviest: float) -> str:
    if not importance or not heaviest:
        return f"{formatting.DASH} " + _("not kept with this model")
    share = importance.get(name, 0.0) / sum(importance.values())
    return f"{100 * share:.0f}\u00a0%" if share >= 0.005 else _("hardly any")


def _left_out(model: ScoringModel | None, champion: Registered | None) -> tuple[FieldLine, ...]:
    schema: LeadSchema | None = model.schema if model else None
    if schema is None:
        return ()
    later = (field for field in schema.fields if field not in schema.arrival_fields)
    notes = champion.notes if champion else {}
    missed = champion.missed if champion else {}
    lines = []
    for field in later:
        note = NOTES.translate(notes.get(field.name, "")) or _("known later than the lead arrives")
        what_it_would_add = f"; {MISSED.translate(missed[field.name])}" if field.name in missed else ""
        lines.append(FieldLine(field.name, _(KINDS[field.kind.value]), f"{note}{what_it_would_add}"))
    return tuple(lines)


def _rescoring(rescored: Rescored | None, model: ScoringModel | None) -> str:
    if rescored is None or model is None:
        return _("No model is in use, so nothing is rescored.")
    if rescored.leads == 0:
        return _("The queue is empty, so there is nothing to rescore.")
    if rescored.done == rescored.leads:
        return ngettext(
            "All %(num)s open lead have scores of model %(version)s.",
            "All %(num)s open leads have scores of model %(version)s.",
            rescored.leads,
            version=model.version,
        )
    return _(
        "%(done)s of %(leads)s open leads have scores of model %(version)s; the rest follow.",
        done=whole(rescored.done),
        leads=whole(rescored.leads),
        version=model.version,
    )


def _share(rescored: Rescored | None) -> float | None:
    """What a bar shows while it is not all."""
    return rescored.done / rescored.leads if rescored and rescored.done < rescored.leads else None


def _promotions(overview: Overview | None, context: PageContext) -> tuple[PromotionLine, ...]:
    history = reversed(overview.history) if overview else ()
    return tuple(
        PromotionLine(
            when=context.moment(promotion.at),
            exact=context.exact(promotion.at),
            version=_("%(version)s (rolled back)", version=promotion.version)
            if promotion.is_rollback
            else promotion.version,
            by=promotion.by,
            why=DECISIONS.translate(promotion.why),
        )
        for promotion in history
    )


def _mlflow(known: Known) -> Link | None:
    page = known.champion.page if known.champion else None
    url = page or known.mlflow_url
    return Link(_("The training run in MLflow") if page else "MLflow", url) if url else None


def _mlflow_command(known: Known) -> str | None:
    if known.overview is None or _mlflow(known):
        return None
    return f"mlflow ui --backend-store-uri {known.overview.tracking}"


def _facts(champion: Registered | None, model: ScoringModel | None) -> tuple[FactLine, ...]:
    if model is None:
        return ()
    least = ", ".join(
        _("%(grade)s from %(chance)s", grade=grade, chance=formatting.in_hundred(cutoff))
        for grade, cutoff in model.grade_scale.least_probabilities().items()
        if cutoff
    )
    as_of = champion.model.as_of if champion else None
    return (
        FactLine(_("Model"), f"{model.version}, {model.candidate}"),
        FactLine(_("Prediction"), _("won within %(days)s", days=formatting.day_count(model.horizon_days))),
        FactLine(_("Grades"), least or formatting.DASH),
        FactLine(_("Calibration"), model.calibration.kind),
        FactLine(
            _("Learned up to"), as_of or formatting.DASH, unused=None if as_of else _("the registry does not say")
        ),
    )
