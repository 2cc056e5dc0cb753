"""A training in words: how far it is, what came of it, the form that starts one, and those before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages import formatting
from serving.pages.admin.training_words import STEPS, describe_end
from serving.pages.admin.versions_view import VersionView
from serving.pages.page_context import PageContext
from serving.store.trainings import State, Training

LEAST_BUDGET_S, MOST_BUDGET_S = 10, 14_400
ENDS: dict[State, str] = {
    "done": mark("model %(version)s"),
    "refused": mark("refused"),
    "failed": mark("failed"),
    "stopped": mark("stopped"),
    "lost": mark("broken off"),
}
TITLES: dict[State, str] = {
    "refused": mark("The last training was refused"),
    "failed": mark("The last training failed"),
    "stopped": mark("The last training was stopped"),
    "lost": mark("The last training broke off"),
}


@dataclass(frozen=True, slots=True)
class AtWork:
    """A training that runs; `share` of its time is gone, from 0 to 1, and None before it has begun to count."""

    training_id: str
    step: str
    share: float | None
    spoken: str
    begun: str
    exact: str
    is_stopping: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What came of the last training; `version` is set where it gave a model, `changes` may be let pass.

    `said` is in English, as the training says it.
    """

    what: str
    begun: str
    exact: str
    said: tuple[str, ...]
    changes: tuple[str, ...]
    version: VersionView | None
    may_promote: bool
    is_let_through: bool


@dataclass(frozen=True, slots=True)
class TrainingForm:
    """What the form holds; `trouble` is why there is none."""

    budget_s: str
    as_of: str
    from_store: bool
    store: str
    tables: str
    trouble: str = ""
    latest: str = ""
    wrong: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PastLine:
    """A training before, in a line."""

    when: str
    exact: str
    by: str
    budget: str
    end: str
    url: str


@dataclass(frozen=True, slots=True)
class TrainingView:
    """The whole page."""

    title: str
    at_work: AtWork | None
    result: Result | None
    form: TrainingForm
    past: tuple[PastLine, ...]


def training_view(
    trainings: Sequence[Training], version: VersionView | None, form: TrainingForm, context: PageContext
) -> TrainingView:
    """The whole page; `version` is the model that the last training gave, where it is registered."""
    newest = trainings[0] if trainings else None
    at_work = newest if newest and newest.is_at_work else None
    ended = newest if newest and not newest.is_at_work else None
    return TrainingView(
        title=_title(newest, version),
        at_work=_at_work(at_work, context) if at_work else None,
        result=_result(ended, version, context) if ended else None,
        form=form,
        past=tuple(_past_line(training, context) for training in trainings if not training.is_at_work),
    )


def describe_newest(trainings: Sequence[Training]) -> str:
    """What came of the first of the trainings, or how far it is, in a sentence."""
    return _title(trainings[0] if trainings else None, None)


def version_of(training: Training) -> str | None:
    """The version that a training registered."""
    return (training.report or {}).get("version")


def describe_history(outcomes: Mapping[str, int]) -> str:
    """What the store has to learn from."""
    closed = sum(outcomes.values())
    told = ngettext("%(num)s lead with an outcome", "%(num)s leads with an outcome", closed)
    return _("%(leads)s, %(won)s of them won", leads=told, won=formatting.whole(outcomes.get("won", 0)))


def _title(newest: Training | None, version: VersionView | None) -> str:
    if newest is None:
        return _("No training was started here yet")
    if newest.is_at_work:
        return _("A model is being trained")
    if newest.state != "done":
        return _(TITLES[newest.state])
    trained = version_of(newest)
    if version is not None and version.is_champion:
        return _("Model %(version)s is trained, and champion", version=trained)
    if _is_let_through(newest):
        return _("Model %(version)s is trained, and the gate lets it through", version=trained)
    return _("Model %(version)s is trained; by the gate the champion stays", version=trained)


def _at_work(training: Training, context: PageContext) -> AtWork:
    step, share = STEPS.translate(training.step) or _("Starting"), min(training.share, 1.0)
    has_begun = share > 0
    is_stopping = training.state == "stopping"
    return AtWork(
        training_id=training.training_id,
        step=_("It is being stopped") if is_stopping else step,
        share=share if has_begun else None,
        spoken=_("%(percent)s %% of its time is gone", percent=round(100 * share)) if has_begun else "",
        begun=_begun(training, context),
        exact=context.exact(training.started_at),
        is_stopping=is_stopping,
    )


def _result(training: Training, version: VersionView | None, context: PageContext) -> Result:
    report = training.report or {}
    is_done = training.state == "done"
    said = report.get("notes", ()) if is_done else training.message.splitlines() if training.state == "refused" else ()
    return Result(
        what=_describe_model(training, version) if is_done else describe_end(training),
        begun=_begun(training, context),
        exact=context.exact(training.started_at),
        said=tuple(said),
        changes=() if is_done else tuple(report.get("changes", ())),
        version=version if is_done else None,
        may_promote=bool(is_done and version and not version.is_champion),
        is_let_through=_is_let_through(training),
    )


def _describe_model(training: Training, version: VersionView | None) -> str:
    report = training.report or {}
    leads = ngettext("%(num)s lead", "%(num)s leads", int(report.get("leads", 0)))
    won = formatting.whole(round(report.get("won", 0)))
    learned = _("It learned from %(leads)s, %(won)s of them won.", leads=leads, won=won)
    unseen = _("The registry has not shown it yet: load this page again.")
    return learned if version else f"{learned} {unseen}"


def _is_let_through(training: Training) -> bool:
    return (training.report or {}).get("ended") == "ready"


def _begun(training: Training, context: PageContext) -> str:
    return _(
        "Started %(when)s by %(who)s, for %(budget)s",
        when=context.moment(training.started_at),
        who=training.started_by,
        budget=_budget(training),
    )


def _budget(training: Training) -> str:
    return _("%(seconds)s s", seconds=formatting.whole(round(training.asked["budget_s"])))


def _past_line(training: Training, context: PageContext) -> PastLine:
    version = version_of(training)
    return PastLine(
        when=context.moment(training.started_at),
        exact=context.exact(training.started_at),
        by=training.started_by,
        budget=_budget(training),
        end=_(ENDS[training.state], version=version or ""),
        url=f"/admin/versions/{version}" if version else "",
    )
