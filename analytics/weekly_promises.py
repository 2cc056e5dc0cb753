"""The rest of the report: what agents did and won, what scores promised and leads delivered, and what drifted."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analytics.agents import UNJUDGED, Agent, Agents, Result, agents
from analytics.drift import FieldDrift, drift
from analytics.estimates import Estimate
from analytics.facts import Facts
from analytics.groups import Period
from analytics.ledger import PROMPT, leads_to_notice, ledger
from analytics.lift import lift
from analytics.report import AgentRow, ConversationSection, DriftRow, DriftSection, LedgerBy, LedgerSection
from features.values import Kind

ALL = "all agents"
NO_WORK = Estimate.unknown("no leads in these weeks")
NO_RESULT = Result(0, 0, 0.0, 0.0, None, None, None, unusual=False, against_expected=Estimate.unknown(UNJUDGED))


def conversation_section(facts: Facts, lately: Period, both: Period) -> ConversationSection:
    """Agents' work with the newest leads, and their wins among the matured ones."""
    together = _as_one(facts)
    found = agents(facts, both)
    rows = _rows(agents(facts, lately), found)
    whole = _rows(agents(together, lately), agents(together, both))
    return ConversationSection(whole[0] if whole else _row(ALL, None, None), rows, found.spread)


def _as_one(facts: Facts) -> Facts:
    """The facts as if one agent had done it all."""
    leads, contacts = (table.assign(agent=_only_one(table["agent"])) for table in (facts.leads, facts.contacts))
    return replace(facts, leads=leads, contacts=contacts)


def _only_one(agent: pd.Series) -> pd.Categorical:
    return pd.Categorical.from_codes(np.where(agent.notna(), 0, -1), categories=pd.Index([ALL], dtype="str"))


def _rows(work: Agents, results: Agents) -> tuple[AgentRow, ...]:
    worked, won = ({agent.name: agent for agent in found.agents} for found in (work, results))
    return tuple(_row(name, worked.get(name), won.get(name)) for name in sorted(worked.keys() | won.keys()))


def _row(name: str, work: Agent | None, result: Agent | None) -> AgentRow:
    measured = ("attempts", "reach", "talk_s", "follow_up_kept", "reasons_filled")
    return AgentRow(
        name=name,
        leads=work.leads if work else 0,
        result=result.result if result else NO_RESULT,
        **{column: getattr(work, column) if work else NO_WORK for column in measured},
    )


def ledger_section(facts: Facts, period: Period) -> LedgerSection:
    """Promised against delivered by the period's matured leads."""
    found = ledger(facts, period)
    rate = found.whole.delivered / found.whole.n if found.whole.n else 0.0
    return LedgerSection(
        whole=found.whole,
        tables=tuple(LedgerBy(by, rows) for by, rows in found.groups.items()),
        alarms=found.alarms,
        curve=found.curve,
        lift=_lift(facts, period),
        unscored=found.unscored,
        not_worked=found.not_worked,
        needed=leads_to_notice(rate) if 0 < rate < 0.8 else None,
    )


def _lift(facts: Facts, period: Period) -> Estimate:
    """Of the leads that the ledger counts."""
    leads = facts.leads
    prompt = ((leads["scored_at"] - leads["arrived_at"]) <= PROMPT).to_numpy()
    tried = (leads["state"] != "not_worked").to_numpy()
    here = period.holds(leads) & leads["matured"].to_numpy() & prompt & tried & leads["probability"].notna().to_numpy()
    if not here.any():
        return Estimate.unknown("no matured lead was promised anything")
    return lift(leads["probability"].to_numpy()[here], leads["won"].to_numpy()[here])


@dataclass(frozen=True)
class Arriving:
    """The fields of leads of both periods and of the newest ones, for drift; `reason` where there are none.

    `weights` are the fields' parts in the score, where they are known.
    """

    before: pd.DataFrame
    after: pd.DataFrame
    kinds: Mapping[str, Kind]
    weights: Mapping[str, float] | None = None
    reason: str = ""


def drift_section(arriving: Arriving, seed: int) -> DriftSection:
    """What changed among the arriving leads."""
    reason = arriving.reason
    if not reason and not (len(arriving.before) and len(arriving.after)):
        reason = "there are not leads of both times to compare"
    if reason:
        return DriftSection(len(arriving.before), len(arriving.after), (), retrain=False, reasons=(), reason=reason)
    found = drift(arriving.before, arriving.after, arriving.kinds, seed, arriving.weights)
    rows = tuple(map(_field, found.fields))
    return DriftSection(found.before, found.after, rows, found.retrain, found.reasons, "")


def _field(one: FieldDrift) -> DriftRow:
    own = ("field", "changed", "weight", "touches", "most", "missing_before", "missing_after")
    measured = ("size", "noise", "moved", "p_value")
    return DriftRow(
        kind=str(one.kind),
        **{name: getattr(one, name) for name in own},
        **{name: getattr(one.found, name) for name in measured},
    )
