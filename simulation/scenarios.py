"""What may happen to the company. In: a scenario's name. Out: the sales department and what changes.

A scenario compares the history before its change date with the history after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from simulation.working_hours import OFFICE_HOURS, WorkingHours


@dataclass(frozen=True)
class Sales:
    """How the sales department works, and what its work truly does. Log-odds are those of ever winning."""

    agents: int = 10
    hours: WorkingHours = OFFICE_HOURS
    usual_wait: float = 3.0
    """Working hours from arrival to the first attempt, for the median lead."""
    hot_first: float = 1.4
    """Halvings of the wait for each standard deviation of the quality that agents believe in."""
    intuition: float = 0.7
    """Correlation of what agents believe with the true log-odds at arrival."""
    luck: float = 1.1
    """Standard deviation of the wait, in doublings, whatever the lead and the agent."""
    pace_sd: float = 0.5
    """Standard deviation of agents' slowness, in doublings of the wait."""
    skill_sd: float = 0.25
    """Standard deviation of agents' skill, in log-odds; zero makes all agents equal."""
    speed_effect: float = 0.2
    """Log-odds lost with each doubling of the wait; zero makes speed do nothing."""
    hidden_sd: float = 0.25
    """Standard deviation of the quality that no field shows, in log-odds."""
    ignored: float = 0.055
    """Share of the median leads that nobody ever tries; cold ones are ignored more often."""


@dataclass(frozen=True)
class Scenario:
    """A sales department, and what changes for the leads that arrive after the change."""

    name: str
    says: str
    """What truly happens, in a sentence."""
    sales: Sales = Sales()
    volume: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """After the change: factors on the volume of sources."""
    slowdown: float = 1.0
    """After the change: factor on every wait."""
    hidden_shift: float = 0.0
    """After the change: what is added to the quality that no field shows."""
    never_called: str | None = None
    """A source whose leads are hardly ever tried, in the whole history."""


class UnknownScenarioError(ValueError):
    """A scenario name that does not exist; the message names those that do."""


WORSE_MIX = MappingProxyType(
    {"Social Ads": 2.6, "Cold List": 2.2, "Reference": 0.45, "Partner": 0.6, "Organic Search": 0.7}
)

SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        scenario.name: scenario
        for scenario in (
            Scenario("steady", "Nothing changes but season and a slow drift of the mix."),
            Scenario("marketing-shift", "Worse leads arrive, handled as before.", volume=WORSE_MIX),
            Scenario("sales-slowdown", "The same leads wait eight times as long.", slowdown=8.0),
            Scenario("both", "Worse leads arrive, and they wait longer.", volume=WORSE_MIX, slowdown=8.0),
            Scenario("hidden-quality", "Leads get worse in a way that no field shows.", hidden_shift=-0.6),
            Scenario(
                "speed-does-nothing",
                "Hot leads are called first, and how fast makes no difference.",
                sales=Sales(speed_effect=0.0),
            ),
            Scenario(
                "good-source-never-called",
                "Partners send good leads that sales hardly ever calls.",
                never_called="Partner",
            ),
        )
    }
)


def scenario_named(name: str) -> Scenario:
    """Find a scenario; raises UnknownScenarioError for a name that does not exist."""
    if name not in SCENARIOS:
        raise UnknownScenarioError(f"unknown scenario {name!r}; accepted are {', '.join(SCENARIOS)}")
    return SCENARIOS[name]
