"""What agents did with the newest leads and won of the matured ones, for the report."""

from dataclasses import dataclass, field, fields, replace

import numpy as np
import pandas as pd

from analytics.agents import UNJUDGED, Agent, Agents, Result, agents
from analytics.leads_as_of import LeadsAsOf
from analytics.periods import Periods
from analytics.report.compared import ConversationsCompared, compared
from stats.estimates import Estimate

ALL = "all agents"
NO_WORK = Estimate.unknown("no leads in these weeks")
NO_DIFFERENCE = Estimate.unknown("the agents differ by no more than chance explains")
NO_RESULT = Result(0, 0, 0.0, 0.0, None, None, None, unusual=False, against_expected=Estimate.unknown(UNJUDGED))


@dataclass(frozen=True)
class ConversationSection:
    """Quality of conversations: all agents together, each by name, and how much they vary beyond chance.

    An agent's `leads` and what was done with them are of the newest weeks; the `result` is of the matured leads of both
    periods, with funnel limits that hold for all agents of the page together. `compared` sets
    the two periods beside each other. `spread` is the standard deviation of wins over expected
    beyond chance, 0 where they differ by no more; `differ` is the same with its interval, known only where they do.
    `unlike_leads` tells that their leads differ in score, so that somebody or something chose who got which.
    """

    whole: Agent
    compared: ConversationsCompared
    agents: tuple[Agent, ...]
    spread: float
    differ: Estimate = field(default=NO_DIFFERENCE, metadata={"metric": "won_against_expected"})
    unlike_leads: bool = False


def conversation_section(facts: LeadsAsOf, periods: Periods) -> ConversationSection:
    """Agents' work with the newest leads, and their wins among the matured ones."""
    together = _as_one(facts)
    found, results = (agents(told, periods.both) for told in (facts, together))
    whole, before, after = (
        _whole(agents(together, period), results) for period in (periods.lately, periods.before, periods.after)
    )
    names = [one.name for one in fields(ConversationsCompared)]
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in names}
    rows = _rows(agents(facts, periods.lately), found)
    return ConversationSection(
        whole=whole,
        compared=ConversationsCompared(**compared(pairs)),
        agents=rows,
        spread=found.differ.value or 0.0,
        differ=found.differ,
        unlike_leads=found.unlike_leads,
    )


def _whole(work: Agents, results: Agents) -> Agent:
    rows = _rows(work, results)
    return rows[0] if rows else _beside(ALL, None, None)


def _as_one(facts: LeadsAsOf) -> LeadsAsOf:
    """The facts as if one agent had done it all."""
    leads, contacts = (table.assign(agent=_only_one(table["agent"])) for table in (facts.leads, facts.contacts))
    return replace(facts, leads=leads, contacts=contacts)


def _only_one(agent: pd.Series) -> pd.Categorical:
    return pd.Categorical.from_codes(np.where(agent.notna(), 0, -1), categories=pd.Index([ALL], dtype="str"))


def _rows(work: Agents, results: Agents) -> tuple[Agent, ...]:
    worked, won = ({agent.name: agent for agent in found.agents} for found in (work, results))
    return tuple(_beside(name, worked.get(name), won.get(name)) for name in sorted(worked.keys() | won.keys()))


def _beside(name: str, work: Agent | None, result: Agent | None) -> Agent:
    measured = ("attempts", "reach", "talk_s", "follow_up_kept", "reasons_filled")
    return Agent(
        name=name,
        leads=work.leads if work else 0,
        result=result.result if result else NO_RESULT,
        **{column: getattr(work, column) if work else NO_WORK for column in measured},
    )
