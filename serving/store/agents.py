"""What agents have and did: who has keys, the calls of a day, and how many each made."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from serving.store.tables import contacts, keys, outcomes


@dataclass(frozen=True, slots=True)
class Tally:
    """An agent's calls since a moment: all, with a conversation, and those at which a deal was won."""

    calls: int
    reached: int
    won: int


def find_names(connection: Connection) -> tuple[str, ...]:
    """Everybody whose live key may claim leads, in the order of the alphabet."""
    live = keys.c.revoked_at.is_(None) & keys.c.scope.in_(("sales", "team"))
    return tuple(connection.scalars(select(keys.c.name).where(live).order_by(keys.c.name)))


def fold_name(name: str) -> str:
    """What all spellings of a name have in common that differ by case or white space only."""
    return " ".join(name.split()).casefold()


def own_spelling(connection: Connection, name: str) -> str:
    """The name as the agent's live key has it; without such a key as it is, but for doubled spaces."""
    spelt = {fold_name(known): known for known in find_names(connection)}
    return spelt.get(fold_name(name), re.sub(" {2,}", " ", name))


def count_calls(connection: Connection, since: datetime) -> Mapping[str, Tally]:
    """What each agent did since a moment; who made no call is left out."""
    c = contacts.c
    its_win = (outcomes.c.contact_id == c.contact_id) & outcomes.c.stands & (outcomes.c.status == "won")
    reached = func.sum(case((c.connected.is_(True), 1), else_=0))
    question = select(c.agent, func.count(), reached, func.count(outcomes.c.outcome_id))
    joined = question.select_from(contacts.outerjoin(outcomes, its_win & (outcomes.c.lead_id == c.lead_id)))
    rows = connection.execute(joined.where(c.started_at >= since, c.agent.is_not(None)).group_by(c.agent))
    return {agent: Tally(calls, int(talks or 0), won) for agent, calls, talks, won in rows}
