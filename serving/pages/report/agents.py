"""The weekly page's part about agents, which compares nobody beyond what chance allows."""

from collections.abc import Callable, Sequence

from analytics.agents import Agent
from analytics.report import Report
from analytics.report.compared import ConversationsCompared
from language.text import gettext as _
from language.text import mark, ngettext
from serving.pages import formatting
from serving.pages.formatting import one_decimal, share, talk_time, two_decimals, whole
from serving.pages.report import plots
from serving.pages.report.compared import Pair, as_amounts, as_shares, compared_grid
from serving.pages.report.drawing import WIDTHS
from serving.pages.report.numbers import Number, Numbers, Told, Value, leads_of
from serving.pages.report.views import Chart, Grid, Heading, Section, grid
from stats.estimates import Estimate

ASK = mark(
    "That may be how they work, or leads that are better or worse in ways no field shows: a reason to ask, no more."
)
PICKED = mark(
    "The agents' leads differ in score. If agents pick their leads, they may also pick by what no score shows; wins "
    "beside those expected are then no fair comparison."
)
MOST_NAMED = 3
ALL_AGENTS = mark("all agents")
OUTSIDE = {"more": mark("more"), "fewer": mark("fewer")}
WORK: tuple[tuple[Callable[[Agent], Value], Told], ...] = (
    (lambda agent: agent.leads, whole),
    (lambda agent: agent.attempts, one_decimal),
    (lambda agent: agent.reach, share),
    (lambda agent: agent.talk_s, talk_time),
    (lambda agent: agent.follow_up_kept, share),
    (lambda agent: agent.reasons_filled, share),
)
WON: tuple[tuple[Callable[[Agent], Value], Told], ...] = (
    (lambda agent: agent.result.leads, whole),
    (lambda agent: agent.result.wins, whole),
    (lambda agent: agent.result.expected, one_decimal),
)
AGAINST_EXPECTED: tuple[Callable[[Agent], Value], Told] = (lambda agent: agent.result.against_expected, two_decimals)

COMPARED: tuple[Pair[ConversationsCompared], ...] = (
    as_amounts(mark("Calls per lead called"), lambda part: part.attempts, one_decimal),
    as_shares(mark("Leads reached, of those called"), lambda part: part.reach, share),
    as_amounts(mark("Talk time for each lead reached"), lambda part: part.talk_s, talk_time),
    as_shares(mark("Follow-ups kept"), lambda part: part.follow_up_kept, share),
    as_shares(mark("Lost leads with a reason"), lambda part: part.reasons_filled, share),
)


def agents_section(numbers: Numbers) -> Section:
    """Wins against those expected, and the conversations."""
    report = numbers.report
    found, windows = report.conversations, report.windows
    judged = [
        plots.Judged(agent.name, agent.result.expected, agent.result.wins, agent.result.low, agent.result.high)
        for agent in found.agents
        if agent.result.low is not None and agent.result.high is not None
    ]
    return Section(
        "conversations",
        _("What agents won, from the leads that they got"),
        _(
            "wins of the matured leads among %(both)s; work with %(lately)s",
            both=leads_of(windows.both),
            lately=leads_of(windows.lately),
        ),
        _spread(report, len(judged)),
        charts=(_funnel(judged),) if len(judged) > 1 else (),
        grids=(_wins_grid(numbers), _work_grid(numbers)) if found.agents else (),
        folded=(
            compared_grid(
                mark("Conversations, before and after"), lambda report: report.conversations.compared, COMPARED, numbers
            ),
        ),
    )


def _spread(report: Report, judged: int) -> tuple[str, ...]:
    if judged < 2:
        return (_("Agents cannot be compared yet: 5 wins and 5 losses must be expected of each, and two be compared."),)
    found = [agent for agent in report.conversations.agents if agent.result.outside]
    more, fewer = (_outside(found, way) for way in ("more", "fewer"))
    told = (
        _("More wins than chance explains: %(agents)s.", agents=more) if more else "",
        _("Fewer wins than chance explains: %(agents)s.", agents=fewer) if fewer else "",
    )
    why = (_(ASK),) if found else (_not_equal(report),)
    picked = (_(PICKED),) if report.conversations.unlike_leads else ()
    return (*filter(None, told), *_differ(report.conversations.differ), *why, *picked)


def _not_equal(report: Report) -> str:
    """What it takes to stand out: that nobody does is no proof that all are alike."""
    results = [agent.result for agent in report.conversations.agents]
    needed = [result.high / result.expected - 1 for result in results if result.high is not None]
    least, most = (whole(100 * chosen(needed)) for chosen in (min, max))
    return _(
        "None of the %(agents)s agents' wins lie beyond what chance explains. That is no proof that the agents are "
        "equal: with so many leads, only one whose wins are %(span)s %% above the expected, or about as far below, "
        "would have stood out.",
        agents=len(needed),
        span=least if least == most else _("%(low)s to %(high)s", low=least, high=most),
    )


def _differ(differ: Estimate) -> tuple[str, ...]:
    """How much agents differ, only where that is beyond chance."""
    if differ.value is None or differ.low is None or differ.high is None:
        return ()
    value, low, high = (whole(100 * end) for end in (differ.value, differ.low, differ.high))
    told = _(
        "Beyond chance, the agents differ by about %(value)s %% of the wins expected (between %(low)s and %(high)s "
        "%%).",
        value=value,
        low=low,
        high=high,
    )
    return (told,)


def _outside(agents: Sequence[Agent], way: str) -> str:
    """Those whose wins are outside this way, the farthest first; empty where nobody's are."""
    those = [agent for agent in agents if agent.result.outside == way]
    those.sort(key=lambda agent: -abs(agent.result.wins / agent.result.expected - 1))
    told = [
        _(
            "%(agent)s, %(wins)s where %(expected)s were expected",
            agent=agent.name,
            wins=whole(agent.result.wins),
            expected=one_decimal(agent.result.expected),
        )
        for agent in those[:MOST_NAMED]
    ]
    rest = len(those) - MOST_NAMED
    told += [ngettext("and %(num)s more agent", "and %(num)s more agents", rest)] if rest > 0 else []
    return "; ".join(told)


def _wins_grid(numbers: Numbers) -> Grid:
    """Wins of both periods' matured leads beside those expected."""
    found, window = numbers.report.conversations, numbers.report.windows.both
    head = (
        Heading(_("Agent"), is_figure=False),
        Heading(_("Matured leads")),
        Heading(_("Won")),
        Heading(_("Expected"), "won_against_expected"),
        Heading(_("For each expected"), "won_against_expected"),
        Heading(_("Beyond chance"), is_figure=False),
    )
    rows = [
        (
            agent.name,
            numbers.places.behind(window, ("agent",), (agent.name,)),
            _won(place, agent, numbers),
        )
        for place, agent in enumerate(found.agents)
    ]
    together: list[Number | str] = [*_numbers_of_all(WON, numbers), "", ""]
    judged = sum(agent.result.low is not None for agent in found.agents)
    how = _(
        "Beyond chance is adjusted for the %(judged)s agents compared, so an agent's own interval may leave out 1 and "
        "the answer still be no.",
        judged=judged,
    )
    caption = _("Wins by agent, scored leads that matured among %(leads)s", leads=leads_of(window))
    return grid(caption, head, rows, (_(ALL_AGENTS), None, together), said=how)


def _work_grid(numbers: Numbers) -> Grid:
    """What was done with the newest leads."""
    found, window = numbers.report.conversations, numbers.report.windows.lately
    head = (
        Heading(_("Agent"), is_figure=False),
        Heading(_("Leads")),
        Heading(_("Calls per lead"), "attempts"),
        Heading(_("Reached"), "reach"),
        Heading(_("Talk"), "talk"),
        Heading(_("Follow-ups kept"), "follow_up_kept"),
        Heading(_("Loss reason given"), "lost_reason_filled"),
    )
    rows = [
        (
            agent.name,
            numbers.places.behind(window, ("agent",), (agent.name,)),
            _numbers(place, WORK, numbers),
        )
        for place, agent in enumerate(found.agents)
    ]
    together = (_(ALL_AGENTS), None, _numbers_of_all(WORK, numbers))
    caption = _("Work by agent, leads that an agent called among %(leads)s", leads=leads_of(window))
    return grid(caption, head, rows, together)


Columns = Sequence[tuple[Callable[[Agent], Value], Told]]


def _won(place: int, agent: Agent, numbers: Numbers) -> list[Number | str]:
    return [*_numbers(place, (*WON, AGAINST_EXPECTED), numbers), _beyond(agent)]


def _numbers(agent: int, columns: Columns, numbers: Numbers) -> list[Number]:
    return [_agent_number(lambda report: report.conversations.agents[agent], of, told, numbers) for of, told in columns]


def _numbers_of_all(columns: Columns, numbers: Numbers) -> list[Number]:
    return [_agent_number(lambda report: report.conversations.whole, of, told, numbers) for of, told in columns]


def _agent_number(
    agent: Callable[[Report], Agent], of: Callable[[Agent], Value], told: Told, numbers: Numbers
) -> Number:
    return numbers.of(lambda report: of(agent(report)), told)


def _beyond(agent: Agent) -> str:
    result = agent.result
    if result.low is None:
        return formatting.DASH
    if result.outside is None:
        return _("no")
    outside = _(OUTSIDE[result.outside])
    return _("%(outside)s, unusually", outside=outside) if result.unusual else outside


def _funnel(judged: Sequence[plots.Judged]) -> Chart:
    outside = [
        _(
            "%(agent)s (%(wins)s won, %(expected)s expected)",
            agent=agent.name,
            wins=whole(agent.wins),
            expected=one_decimal(agent.expected),
        )
        for agent in judged
        if not agent.within
    ]
    finding = _funnel_finding(outside, len(judged))
    caption = _(
        "Each point is an agent. Along: wins that leads of the same scores have in the hands of all agents together. "
        "Up: wins for each of these. The band is where chance would put everybody, 95 pages of 100; it narrows with "
        "the number of leads. A diamond with a name lies outside."
    )
    alt = "; ".join(
        _(
            "%(agent)s: %(wins)s won, %(expected)s expected",
            agent=agent.name,
            wins=whole(agent.wins),
            expected=one_decimal(agent.expected),
        )
        for agent in judged
    )
    return Chart(finding, caption, alt, *(plots.draw_funnel(judged, width) for width in WIDTHS))


def _funnel_finding(outside: Sequence[str], judged: int) -> str:
    if not outside:
        return ngettext(
            "No clear difference from the wins expected in any of %(num)s agents",
            "No clear difference from the wins expected in any of %(num)s agents",
            judged,
        )
    if len(outside) > 4:
        return _("%(agents)s and others: beyond what chance explains", agents=", ".join(outside[:4]))
    return _("%(agents)s: beyond what chance explains", agents=", ".join(outside))
