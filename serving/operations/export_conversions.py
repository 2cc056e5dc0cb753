"""Exports to ad platforms: planned on one state of the store, reserved, written or sent, and settled.

Nothing leaves before it is reserved, so an export that is cut off or repeated says nothing twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from datetime import time as day_time
from typing import Any, Literal

from analytics.ledger import Entry, find_disagreeing_sources
from connectors.ads.config import AdsRefused
from connectors.ads.data_manager import DataManager
from connectors.ads.data_manager_api import DataManagerChannel
from connectors.ads.http_channel import Answer, Channel, HttpChannel
from connectors.ads.lead import State, Statement
from connectors.ads.plan import Plan, Rules, make_plan
from connectors.ads.platform import Platform
from connectors.ads.platforms import TOKENS
from connectors.ads.sending import Pace, Sender
from serving.store import Connection, Store, conversions
from serving.store.conversions import AlreadyReserved, Export
from serving.store.tables import new_id

TOLD = timedelta(days=30)
"""For how long leads that fell out of a platform's window are counted among those that are left out."""

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Asked:
    """Which leads, by the days (UTC) on which they arrived, what is overruled, and which kind of id alone."""

    first: date | None = None
    last: date | None = None
    force: bool = False
    again: Literal["nothing", "unconfirmed", "all"] = "nothing"
    id_kind: str | None = None


@dataclass(frozen=True)
class Proposal:
    """What an export would say, and which sources it holds back (with `force` it says them all the same)."""

    platform: Platform
    plan: Plan
    held: tuple[Entry, ...]
    forced: bool

    @property
    def held_rows(self) -> list[dict[str, Any]]:
        """The sources that are held back, with the figures, as the store keeps them."""
        return [
            {"source": one.name[0], "leads": one.n, "promised": one.promised, "delivered": one.delivered}
            for one in self.held
        ]


def propose(connection: Connection, platform: Platform, asked: Asked, now: datetime) -> Proposal:
    """What a platform is to be told; stores nothing."""
    window = max(platform.window, platform.change_window or timedelta(0), platform.lead_window or timedelta(0))
    since = now - window - TOLD
    first, end = (None if day is None else datetime.combine(day, day_time(), UTC) for day in (asked.first, asked.last))
    end = None if end is None else end + timedelta(days=1)
    leads = conversions.read_leads(connection, platform.ledger, since, first, end)
    earlier = conversions.read_earlier(connection, platform.ledger)
    held = find_disagreeing_sources(conversions.read_cohort_frame(connection, now)) if platform.takes_new else ()
    sources = frozenset() if asked.force else frozenset(entry.name[0] for entry in held)
    plan = make_plan(platform, leads, earlier, Rules(now, sources, asked.again))
    if asked.id_kind is not None:
        kept = tuple(one for one in plan.statements if platform.id_kind(one) == asked.id_kind)
        plan = replace(plan, statements=kept)
    return Proposal(platform, plan, held, asked.force and bool(held))


def split_by_id(platform: Platform, statements: Sequence[Statement]) -> dict[str, list[Statement]]:
    """Statements by the kind of id that they go by, in the platform's order."""
    found: dict[str, list[Statement]] = {}
    for kind in platform.id_kinds:
        these = [one for one in statements if platform.id_kind(one) == kind]
        if these:
            found[kind] = these
    return found


class Exporter:
    """Runs exports on a store."""

    def __init__(self, store: Store, currency: str, clock: Clock) -> None:
        self._store, self._currency, self._clock = store, currency, clock

    def propose(self, platform: Platform, asked: Asked) -> Proposal:
        """What an export would say now."""
        return self._store.read_now(propose, platform, asked, self._clock())

    def write(
        self, platform: Platform, asked: Asked, keep: Callable[[Mapping[str, str]], None], way: str = "file"
    ) -> tuple[Proposal, dict[str, list[Statement]]]:
        """Write what is to be said; `keep` puts the files' texts, by kind of id, where they belong.

        The files are there before the store says so: an export that ends between the two is written once more, word
        for word, and the platform ignores what it has.

        Raises:
            AdsRefused: while another export of the same account runs.
        """
        proposal, export, ids = self._begin(platform, asked, way)
        files = split_by_id(platform, proposal.plan.statements)
        keep({kind: platform.write(statements, kind) for kind, statements in files.items()})
        self._store.write_now(self._close, export, ids, [Answer("written")] * len(ids))
        return proposal, files

    def send(self, platform: Platform, asked: Asked, channel: Channel, pace: Pace) -> tuple[Proposal, dict[State, int]]:
        """Send what is to be said, batch by batch; how many statements ended in which state.

        Raises:
            SendStopped: where the platform takes nothing now; what was taken is settled, the rest kept.
            AdsRefused: while another export of the same account runs.
        """
        self._ask_for_states(platform, channel)
        proposal, export, ids = self._begin(platform, asked, "send")
        rows = {id(one): row_id for one, row_id in zip(proposal.plan.statements, ids, strict=True)}

        def record(statements: Sequence[Statement], answers: Sequence[Answer]) -> None:
            row_ids = [rows[id(one)] for one in statements]
            self._store.write_now(conversions.settle, export, row_ids, answers, self._clock())

        def wait(seconds: float) -> None:
            self._store.write_now(conversions.extend, export, self._clock())
            pace.sleep(seconds)

        sender = Sender(channel, record, Pace(pace.waits, wait))
        try:
            for statements in split_by_id(platform, proposal.plan.statements).values():
                sender.send_all(statements)
        finally:
            self._store.write_now(conversions.finish, export, self._clock())
        return proposal, self._store.read_now(conversions.count_states, ids)

    def confirm(self, platform: Platform) -> int:
        """Take the platform to have accepted what its files said; how many statements."""
        return self._store.write_now(conversions.confirm, platform.name, self._clock())

    def _begin(self, platform: Platform, asked: Asked, way: str) -> tuple[Proposal, Export, list[str]]:
        try:
            return self._store.write_now(self._plan_and_reserve, platform, asked, way)
        except AlreadyReserved:
            raise AdsRefused(f"another export to {platform.title} began at the same time; run it again") from None

    def _plan_and_reserve(
        self, connection: Connection, platform: Platform, asked: Asked, way: str
    ) -> tuple[Proposal, Export, list[str]]:
        now = self._clock()
        if busy_since := conversions.find_busy(connection, platform.ledger, now):
            raise AdsRefused(
                f"an export to {platform.title} is under way since {busy_since:%H:%M} UTC; one that was cut off "
                f"counts as over {conversions.LEASE.seconds // 60} minutes after it last did something"
            )
        proposal = propose(connection, platform, asked, now)
        export = Export(new_id("ex"), platform.ledger, platform.name, way, self._currency)
        if way != "feed" or not all(one.is_known for one in proposal.plan.statements):
            conversions.begin(connection, export, now, proposal.held_rows, proposal.forced, proposal.plan.left_out)
        conversions.expire(connection, proposal.plan.late, now)
        told = [one for one in proposal.plan.statements if not one.is_known]
        return proposal, export, conversions.reserve(connection, export, told, now)

    def _close(self, connection: Connection, export: Export, ids: Sequence[str], answers: Sequence[Answer]) -> None:
        now = self._clock()
        conversions.settle(connection, export, ids, answers, now)
        conversions.finish(connection, export, now)

    def _ask_for_states(self, platform: Platform, channel: Channel) -> None:
        """Ask Google what became of earlier requests, so that what it confirmed can be restated."""
        if not isinstance(channel, DataManagerChannel):
            return
        for request_id in self._store.read_now(conversions.find_requests, platform.name):
            answer = channel.find_state(request_id)
            self._store.write_now(conversions.settle_request, platform.name, answer, self._clock())


def open_channel(platform: Platform) -> Channel:
    """Where a platform is sent to.

    Raises:
        AdsRefused: where it takes only files, or lacks its token or ids.
    """
    if isinstance(platform, DataManager):
        return DataManagerChannel(platform)
    token = TOKENS.get(platform.name)
    if token is None:
        raise AdsRefused(f"{platform.title} takes a file, or pulls the feed: leave --send out")
    if not platform.context.tokens.get(token):
        raise AdsRefused(f"LEADS_{token.upper()}_TOKEN: --send to {platform.name} needs it")
    return HttpChannel(platform)  # type: ignore[arg-type]
