"""A suggestion where the next unit of budget would bring the most wins, with its doubt.

It is a suggestion because it takes the average win of a campaign for its next one: more budget may reach worse
leads, and past leads say nothing about that.
"""

from dataclasses import dataclass, field

from analytics.cost.costs import Costs
from analytics.cost.rates import chance_best
from analytics.leads_as_of.groups import Name
from stats.estimates import Estimate

SURE = 0.95
MORE_LIKELY = 0.5


@dataclass(frozen=True)
class Candidate:
    """Wins, counted or expected, that `money` spent on the campaign brought on average; chance that it brings most."""

    name: Name
    money: float
    wins: Estimate = field(metadata={"metric": "marginal_wins"})
    chance_best: float


@dataclass(frozen=True)
class Suggestion:
    """The campaigns by wins for the same money, the most first; `told_apart` says if the first is surely the best."""

    candidates: tuple[Candidate, ...]
    reason: str = ""

    @property
    def told_apart(self) -> bool:
        return bool(self.candidates) and self.candidates[0].chance_best >= SURE


def suggest(found: Costs, money: float = 1_000.0) -> Suggestion:
    """Rank the campaigns (or sources) that had spend by the wins that this much money brings."""
    known = [(cost, found.rates[cost.name]) for cost in found.groups if cost.name in found.rates]
    if len(known) < 2:
        return Suggestion((), "it takes at least two campaigns with spend and leads")
    chances = chance_best([rate for _, rate in known])
    candidates = [
        Candidate(cost.name, money, rate.times(money, cost.shrunk.n), chance)
        for (cost, rate), chance in zip(known, chances, strict=True)
    ]
    return Suggestion(tuple(sorted(candidates, key=lambda one: -(one.wins.value or 0))))


def in_words(suggestion: Suggestion) -> str:
    """The suggestion as sentences for the page, with its doubt."""
    if not suggestion.candidates:
        return f"No suggestion for the budget: {suggestion.reason}."
    first, second = suggestion.candidates[:2]
    brought = f"brought {first.wins.value:.2g} wins (between {first.wins.low:.2g} and {first.wins.high:.2g})"
    most = f"{_named(first.name)} {brought} for each {first.money:,.0f} spent"
    doubt = "more than any other" if suggestion.told_apart else _doubt(first, second, len(suggestion.candidates))
    return (
        f"{most}, {doubt}. Wins are counted or, of young leads, expected, and a campaign with few is drawn toward its "
        "source, so this is not one over the cost in the table. This is the average cost, not that of the next win: "
        "more budget may reach worse leads, so raise it in steps and watch the cost per expected win."
    )


def _doubt(first: Candidate, second: Candidate, candidates: int) -> str:
    chance = f"{'only ' if first.chance_best < MORE_LIKELY else ''}a {100 * first.chance_best:.0f} in 100"
    return f"but there is {chance} chance that it is really the best of the {candidates}; next is {_named(second.name)}"


def _named(name: Name) -> str:
    return " / ".join(part or "unknown" for part in name)
