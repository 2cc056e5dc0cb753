"""Agents: the report in, a part of the weekly page out, which compares nobody beyond what chance allows."""

from collections.abc import Sequence

from analytics.report import AgentRow, Report
from serving.pages import words
from serving.pages.weekly import charts
from serving.pages.weekly.numbers import Number, Numbers, Told, one_decimal, share, talk_time, two_decimals, whole
from serving.pages.weekly.places import leads_of
from serving.pages.weekly.views import Chart, Heading, Section, grid


def agents_section(numbers: Numbers) -> Section:
    """Wins against those expected, and the conversations."""
    report = numbers.report
    found, windows = report.conversations, report.windows
    head = (
        Heading("Agent", is_figure=False),
        Heading("Won"),
        Heading("Expected", "won_against_expected"),
        Heading("For each expected", "won_against_expected"),
        Heading("Beyond chance", is_figure=False),
        Heading("Leads"),
        Heading("Attempts", "attempts"),
        Heading("Reached", "reach"),
        Heading("Talk", "talk"),
        Heading("Follow-ups kept", "follow_up_kept"),
        Heading("Reasons told", "lost_reason_filled"),
    )
    rows = [
        (agent.name, numbers.places.behind(windows.both, ("agent",), (agent.name,)), _agent(numbers, place, agent))
        for place, agent in enumerate(found.agents)
    ]
    judged = [
        charts.Judged(agent.name, agent.result.expected, agent.result.wins, agent.result.low, agent.result.high)
        for agent in found.agents
        if agent.result.low is not None and agent.result.high is not None
    ]
    return Section(
        "conversations",
        "What agents won, from the leads that they got",
        f"wins of {leads_of(windows.both)}; the other columns of {leads_of(windows.lately)}",
        _spread(report, len(judged)),
        charts=(_funnel(judged),) if len(judged) > 1 else (),
        grids=(grid("Agents", head, rows),) if rows else (),
    )


def _spread(report: Report, judged: int) -> tuple[str, ...]:
    if judged < 2:
        return ("Agents cannot be compared yet: 5 wins and 5 losses must be expected of each, and two be compared.",)
    spread = report.conversations.spread
    if spread < 0.005:
        return ("Beyond chance, the agents do not differ.",)
    return (f"Beyond chance, agents differ by about {100 * spread:.0f} % of the wins expected.",)


def _agent(numbers: Numbers, place: int, agent: AgentRow) -> list[Number | str]:
    at = f"conversations.agents.{place}"
    paths: list[tuple[str, Told]] = [
        ("leads", whole),
        ("attempts", one_decimal),
        ("reach", share),
        ("talk_s", talk_time),
        ("follow_up_kept", share),
        ("reasons_filled", share),
    ]
    return [
        numbers.at(f"{at}.result.wins", whole),
        numbers.at(f"{at}.result.expected", one_decimal),
        numbers.at(f"{at}.result.against_expected", two_decimals),
        _beyond(agent),
        *(numbers.at(f"{at}.{path}", told) for path, told in paths),
    ]


def _beyond(agent: AgentRow) -> str:
    result = agent.result
    if result.low is None:
        return words.DASH
    if result.outside is None:
        return "no"
    return f"{result.outside}{', more than agents usually differ' if result.unusual else ''}"


def _funnel(judged: Sequence[charts.Judged]) -> Chart:
    outside = [agent.name for agent in judged if not agent.within]
    finding = (
        f"{', '.join(outside[:4])}{' and others' if len(outside) > 4 else ''}: beyond what chance explains"
        if outside
        else f"All {len(judged)} agents are within what chance explains"
    )
    caption = (
        "Each point is an agent. Along: wins that leads of the same scores have in the hands of all agents together. "
        "Up: wins for each of these. The band is where chance would put everybody, 95 pages of 100; it narrows with "
        "the number of leads. A diamond with a name lies outside."
    )
    alt = "; ".join(f"{agent.name}: {agent.wins:,.0f} won, {agent.expected:.1f} expected" for agent in judged)
    return Chart(finding, caption, alt, *(charts.draw_funnel(judged, width) for width in charts.WIDTHS))
