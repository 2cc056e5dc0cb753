"""What a platform is to be told now: each conversion once, each change once, and why the others are left out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from connectors.ads.lead import AdLead, Kind, Stated, Statement
from connectors.ads.platform import Platform, Stage
from connectors.ads.worth import value_known

Earlier = Mapping[tuple[str, str], Sequence[Stated]]
"""What was stated before, by lead and stage, in order."""
UNCONFIRMED = "changed since, but the platform has not confirmed them yet"
FINAL = "changed since they were taken back, which is final there"
NO_ORDER = "changed since, but were sent without an Order ID"


@dataclass(frozen=True, slots=True)
class Rules:
    """When it is, which sources are held back, and what is said again: nothing, what nobody confirmed, or all.

    What was reserved and may not have left is always said again.
    """

    now: datetime
    held: frozenset[str | None] = frozenset()
    again: Literal["nothing", "unconfirmed", "all"] = "nothing"


@dataclass(frozen=True)
class Plan:
    """What is to be said, in order of arrival, how many leads are left out by the reason, and what is too late now.

    `late` are the rows of statements that were reserved and never sent, and whose window is over.
    """

    statements: tuple[Statement, ...]
    left_out: Mapping[str, int]
    late: tuple[str, ...] = ()


class _Planner:
    def __init__(self, platform: Platform, earlier: Earlier, rules: Rules) -> None:
        self.platform, self.earlier, self.rules = platform, earlier, rules
        self.statements: list[Statement] = []
        self.left_out: Counter[str] = Counter()
        self.late: list[str] = []
        self.taken: set[tuple[str, ...]] = set()

    def add(self, lead: AdLead) -> None:
        """Plan what is to be said of one lead."""
        ids = self.platform.find_ids(lead)
        for stage in self.platform.stages(lead):
            stated = self.earlier.get((lead.lead_id, stage.name), ())
            if stated:
                self._change(lead, ids, stage, stated)
            elif self.platform.takes_new:
                self._begin(lead, ids, stage)

    def _begin(self, lead: AdLead, ids: Mapping[str, str], stage: Stage) -> None:
        if reason := self._reason_against(lead, ids, stage):
            self.left_out[reason] += 1
        else:
            at = self.rules.now
            self._say(Statement(lead, ids, stage.name, 0, Kind.NEW, stage.value or 0.0, stage.happened_at, at))

    def _reason_against(self, lead: AdLead, ids: Mapping[str, str], stage: Stage) -> str:
        """Why a new conversion is left out; empty where nothing speaks against it."""
        if lead.probability is None:
            return "without a score"
        if not ids:
            return f"without {self.platform.needs}"
        if self._is_late(lead, stage.happened_at):
            return self.too_old
        if stage.value is None:
            return "of unknown worth: neither they nor [margin] in ads.toml say what they bring"
        if lead.outcome is not None and lead.outcome.status == "lost":
            return "lost before they were sent"
        if stage.estimated and lead.source in self.rules.held:
            return "of a source that is held back"
        return ""

    @property
    def too_old(self) -> str:
        """The reason that a conversion is older than the platform takes."""
        return f"older than the {_days(self.platform.window)} that the platform takes"

    def _is_late(self, lead: AdLead, happened_at: datetime) -> bool:
        now, limit = self.rules.now, self.platform.lead_window
        clicked_or_stage = min(happened_at, _clicked_at(lead, self.platform) or happened_at)
        return now - clicked_or_stage > self.platform.window or (limit is not None and now - lead.arrived > limit)

    def _change(self, lead: AdLead, ids: Mapping[str, str], stage: Stage, stated: Sequence[Stated]) -> None:
        last, before = stated[-1], len(self.statements)
        if last.state == "pending" or (self.rules.again == "unconfirmed" and last.state != "confirmed"):
            self._repeat(lead, ids, last)
        elif self.platform.change_window is not None:
            self._restate(lead, ids, stage, stated)
        if self.rules.again == "all" and last.state != "pending" and len(self.statements) == before:
            self._show_again(lead, ids, last)

    def _repeat(self, lead: AdLead, ids: Mapping[str, str], last: Stated) -> None:
        """Say what was reserved and may not have arrived, word for word."""
        if last.platform != self.platform.name:
            return  # another file of the same account says it
        if last.number == 0 and self._is_late(lead, last.happened_at):
            self.late.append(last.conversion_id)
            self.left_out[self.too_old] += 1
        elif not ids:
            self.left_out[f"without {self.platform.needs}"] += 1
        else:
            self._say(_same(lead, ids, last))

    def _show_again(self, lead: AdLead, ids: Mapping[str, str], last: Stated) -> None:
        """Put what was said before into a feed that always has all that the platform still takes."""
        if last.platform == self.platform.name and ids and not self._is_late(lead, last.happened_at):
            self._say(replace(_same(lead, ids, last), is_known=True))

    def _restate(self, lead: AdLead, ids: Mapping[str, str], stage: Stage, stated: Sequence[Stated]) -> None:
        first, last = stated[0], stated[-1]
        known = value_known(lead, self.platform.config.margin)
        wanted = first.value if known is None else known
        if wanted == last.value:
            return
        if reason := self._reason_against_change(first, last):
            self.left_out[reason] += 1
            return
        retracted = wanted == 0 and self.platform.retracts
        kind = Kind.RETRACT if retracted else Kind.RESTATE
        at = max(self.rules.now, last.stated_at + timedelta(seconds=1))
        self._say(Statement(lead, ids, stage.name, last.number + 1, kind, wanted, first.happened_at, at))

    def _reason_against_change(self, first: Stated, last: Stated) -> str:
        platform = self.platform
        if first.platform not in (platform.changes_of or {platform.name}):
            return NO_ORDER
        if last.state != "confirmed":
            return UNCONFIRMED
        if platform.zero_is_final and last.number and last.value == 0:
            return FINAL
        if platform.change_window is not None and self.rules.now - first.happened_at > platform.change_window:
            return f"changed later than the {_days(platform.change_window)} in which the platform takes changes"
        return ""

    def _say(self, statement: Statement) -> None:
        key = self.platform.collides(statement)
        if key and key in self.taken:
            self.left_out["of the same click in the same second as another, which the platform ignores"] += 1
            return
        self.taken.add(key)
        self.statements.append(statement)


def make_plan(platform: Platform, leads: Iterable[AdLead], earlier: Earlier, rules: Rules) -> Plan:
    """What the platform is to be told of these leads, given what was stated before."""
    planner = _Planner(platform, earlier, rules)
    for lead in sorted(leads, key=lambda lead: (lead.arrived, lead.lead_id)):
        planner.add(lead)
    return Plan(tuple(planner.statements), dict(planner.left_out), tuple(planner.late))


def _same(lead: AdLead, ids: Mapping[str, str], last: Stated) -> Statement:
    """A statement as it was stated."""
    said = (last.stage, last.number, last.kind, last.value, last.happened_at, last.stated_at)
    return Statement(lead, ids, *said, kept=last.conversion_id)


def _clicked_at(lead: AdLead, platform: Platform) -> datetime | None:
    """When the ad was clicked, where a field says so with its zone; a click after the arrival is another's."""
    try:
        at = datetime.fromisoformat(lead.text(platform.config.fields.clicked_at))
    except ValueError:
        return None
    return at if at.tzinfo is not None and at <= lead.arrived else None


def _days(window: timedelta) -> str:
    return f"{window.days} days"
