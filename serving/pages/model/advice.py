"""What would make the champion better."""

from language.text import gettext as _
from serving.pages import formatting
from serving.pages.model.known import Known
from serving.pages.model.views import Advice
from serving.pages.page_context import PageContext
from serving.pages.views import Link


def training_page() -> Link:
    """Where an admin trains a model."""
    return Link(_("Train a model"), "/admin/training")


def advise(known: Known, context: PageContext, *, may_administer: bool) -> list[Advice]:
    """What somebody could do, the most telling first."""
    found: list[Advice] = []
    promises, overview = known.promises, known.overview
    if promises and not promises.whole.within_noise:
        found.append(_advise_training(may_administer=may_administer))
    if overview and overview.challenger:
        found.append(_advise_promotion(overview.challenger.model.version, may_administer=may_administer))
    if context.model and (later := [field for field in context.model.schema.fields if field.known.value == "later"]):
        names = ", ".join(field.name for field in later[:5])
        found.append(
            Advice(
                _(
                    "Left out as known later than the lead arrives: %(names)s. If one of them is known on arrival "
                    'after all, say known = "arrival" in scoring.toml and train again.',
                    names=names,
                )
            )
        )
    if not known.delivered.enough and context.model:
        found.append(
            Advice(
                _(
                    "Report what becomes of leads (PUT /v1/leads/{id}/outcome): %(days)s later they show here whether "
                    "the predictions come true, and the next training learns from them.",
                    days=formatting.day_count(context.model.horizon_days),
                )
            )
        )
    return found


def _advise_training(*, may_administer: bool) -> Advice:
    if may_administer:
        return Advice(_("The predictions are clearly off for these leads: train again on newer ones."), training_page())
    return Advice(_("The predictions are clearly off for these leads: train again on newer ones, with leads train."))


def _advise_promotion(version: str, *, may_administer: bool) -> Advice:
    if may_administer:
        way = Link(_("Compare and promote it"), f"/admin/versions/{version}")
        return Advice(_("Model %(version)s waits as challenger.", version=version), way)
    return Advice(
        _("Model %(version)s waits as challenger. To use it: leads models promote %(version)s.", version=version)
    )
