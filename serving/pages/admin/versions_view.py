"""The registered models in words: a list, and one version beside the champion on the same figures."""

from collections.abc import Sequence
from dataclasses import dataclass

from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages import formatting
from serving.pages.model.view import decision_lines, metric_row
from serving.pages.page_context import PageContext
from serving.pages.views import FactLine, Table
from training.registry import ModelVersion, Promotion
from training.registry.names import CHALLENGER, CHAMPION
from training.registry.overview import Overview, Registered
from training.registry.promotions import find_previous

MOST_SHOWN = 50
ROLES = {CHAMPION: mark("champion"), CHALLENGER: mark("challenger")}
SHOWN = {"log_loss": mark("Log loss"), "auc": "AUC", "lift_10": mark("Lift at 10 %")}
SAME = mark("Both were judged on the same leads, which neither had seen; in brackets the 95 % intervals.")
UNLIKE = mark(
    "They were judged on different leads, so these numbers do not say which is better; what the gate found when the "
    "newer one was trained does."
)


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A registered model; `metrics` are those of `SHOWN`."""

    version: str
    url: str
    role: str
    trained: str
    exact: str
    candidate: str
    metrics: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VersionsView:
    """The list; `previous` is the version that a roll-back would bring back."""

    title: str
    lines: tuple[VersionLine, ...]
    heads: tuple[str, ...]
    older: str
    champion: str
    previous: str


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version; the table is empty where it is the champion itself, or there is none."""

    title: str
    version: str
    is_champion: bool
    table: Table | None
    note: str
    decision_title: str
    decision: tuple[str, ...]
    facts: tuple[FactLine, ...]


def versions_view(
    versions: Sequence[ModelVersion] | None, history: Sequence[Promotion], context: PageContext
) -> VersionsView:
    """The list of all; None where the registry was not read yet."""
    found = versions or ()
    champion, challenger = (find_role(found, role) for role in (CHAMPION, CHALLENGER))
    more = len(found) - MOST_SHOWN
    return VersionsView(
        title=_title(versions, champion, challenger),
        lines=tuple(_version_line(model, context) for model in found[:MOST_SHOWN]),
        heads=tuple(map(_, SHOWN.values())),
        older=ngettext("%(num)s older one", "%(num)s older ones", more) if more > 0 else "",
        champion=champion.version if champion else "",
        previous=(find_previous(champion.version, history) if champion else None) or "",
    )


def find_role(versions: Sequence[ModelVersion], role: str) -> ModelVersion | None:
    """The version that an alias stands for."""
    return next((model for model in versions if role in model.aliases), None)


def version_view(model: ModelVersion, champion: ModelVersion | None, context: PageContext) -> VersionView:
    """One version, beside the champion where it is another."""
    is_champion = champion is not None and champion.version == model.version
    pair = Overview(_bare(champion), _bare(model), (), "") if champion and not is_champion else None
    title = _("Model %(version)s", version=model.version)
    if is_champion:
        title = _("Model %(version)s is champion", version=model.version)
    elif champion:
        title = _("Model %(version)s beside champion %(champion)s", version=model.version, champion=champion.version)
    return VersionView(
        title=title,
        version=model.version,
        is_champion=is_champion,
        table=_comparison(pair) if pair else None,
        note=_(SAME if pair.same_leads else UNLIKE) if pair else "",
        decision_title=_("What the gate found when model %(version)s was trained", version=model.version),
        decision=decision_lines(model, CHAMPION if is_champion else CHALLENGER),
        facts=_facts_of(model, context),
    )


def _title(
    versions: Sequence[ModelVersion] | None, champion: ModelVersion | None, challenger: ModelVersion | None
) -> str:
    if versions is None:
        return _("The registry has not been read")
    if not versions:
        return _("No model is registered yet")
    serving = _("Model %(version)s is champion", version=champion.version) if champion else _("No model is champion")
    waits = _("model %(version)s is challenger", version=challenger.version) if challenger else ""
    return f"{serving}, {waits}" if waits else serving


def _version_line(model: ModelVersion, context: PageContext) -> VersionLine:
    return VersionLine(
        version=model.version,
        url=f"/admin/versions/{model.version}",
        role=", ".join(_(ROLES[alias]) for alias in model.aliases if alias in ROLES),
        trained=context.moment(model.created_at),
        exact=context.exact(model.created_at),
        candidate=model.candidate,
        metrics=tuple(
            formatting.fixed(model.metrics[name].value, 3) if name in model.metrics else formatting.DASH
            for name in SHOWN
        ),
    )


def _comparison(pair: Overview) -> Table:
    champion, other = (one.model.version if one else "" for one in (pair.champion, pair.challenger))
    head = (
        _("Metric"),
        _("Champion, model %(version)s", version=champion),
        _("Model %(version)s", version=other),
        _("Meaning"),
    )
    return Table(head, tuple(map(metric_row, pair.metrics)), figures=(1, 2))


def _bare(model: ModelVersion) -> Registered:
    """The version as the overview compares it, without what its run stored beside."""
    return Registered(model, (), None, {}, {}, None)


def _facts_of(model: ModelVersion, context: PageContext) -> tuple[FactLine, ...]:
    return (
        FactLine(_("Trained"), context.exact(model.created_at)),
        FactLine(_("Learned up to"), model.as_of or formatting.DASH, unused=None if model.as_of else _("not said")),
        FactLine(_("Kind"), model.candidate or formatting.DASH),
        FactLine(_("Company"), model.project or formatting.DASH),
    )
