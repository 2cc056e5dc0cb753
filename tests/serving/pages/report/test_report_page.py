"""The weekly page: the report's own numbers and sentences, each with its definition and the leads behind it."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser

import pytest

from analytics.metrics import CONTRACT
from analytics.report import Report
from serving.operations.report_cache import ReportCache
from serving.pages.formatting import working_time
from serving.pages.rendering import STATIC
from serving.pages.report.drawing import VARIABLES
from serving.pages.report.headline import headline
from serving.pages.report.numbers import value_at
from serving.pages.report.routes import drawn, render_file, view_of
from serving.pages.report.view import report_view
from stats.estimates import Estimate
from tests.serving.conftest import wait_until
from tests.serving.pages.floor import Floor, Person, text_of
from tests.serving.pages.test_contrast import contrast
from tests.serving.reports import HOSTILE, agent, conversion, made_report, young_report

BLAME = re.compile(
    r"\b(fault|blame|bad|worst|poor|fail(ed|ure|s)?|guilty|lazy|weak|rubbish|underperform\w*|loser?s?)\b", re.IGNORECASE
)


class Shown(HTMLParser):
    """What a page shows that a test looks at: its numbers by path, its links and its ids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.numbers: dict[str, float | None] = {}
        self.links: list[str] = []
        self.sources: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.append(tag)
        if path := given.get("data-path"):
            self.numbers[path] = None if given.get("value") is None else float(given["value"] or "nan")
        self.links += [given["href"] or ""] if tag == "a" else []
        self.sources += [given[name] or "" for name in ("src", "href", "srcset", "data") if given.get(name)]
        self.ids += [given["id"] or ""] if "id" in given else []


@pytest.fixture(scope="module")
def report() -> Report:
    return made_report()


@pytest.fixture(scope="module")
def file(report: Report) -> str:
    return render_file(report)


@pytest.fixture(scope="module")
def young_file() -> str:
    return render_file(young_report())


@pytest.fixture
def weekly(floor: Floor, report: Report) -> Iterator[Floor]:
    """A service whose report is made by hand."""
    reports = ReportCache(lambda _: drawn(report))
    floor.app.state.reports = reports
    wait_until(lambda: reports.find() is not None)
    yield floor
    reports.close()


def numbers_of(html: str) -> dict[str, float | None]:
    return Shown(html).numbers


def test_the_answer_comes_first_in_the_reports_own_words(weekly: Floor, report: Report) -> None:
    shown = weekly.person(scope="report").page("/report")
    verdict, parts = report.answer.sentences
    sentences = (verdict, *re.split(r" (?=A difference of )", parts), report.answer.meaning)
    places = [shown.index(sentence) for sentence in (*sentences, "What to discuss", "a clear change", "What moved it")]
    assert places == sorted(places)
    for point in report.discuss:
        assert point.says in shown


def test_every_number_on_the_page_is_the_reports(file: str, report: Report) -> None:
    shown = numbers_of(file)
    assert len(shown) > 300
    for path, value in shown.items():
        found = value_at(report, path)
        expected = found.value if isinstance(found, Estimate) else found
        assert value == (None if expected is None else pytest.approx(expected, rel=1e-5)), path


def test_the_headline_numbers_are_all_there(file: str) -> None:
    parts = {
        "change": ("before", "mix", "handling", "after", "total", "smallest", "smallest_mix", "smallest_handling"),
        "conversion.whole": ("rate", "expected", "never_tried"),
        "response.whole": ("attempt_median", "attempt_ninetieth", "conversation_median", "kept"),
        "response.speed": ("raw", "adjusted", "wins_lost"),
        "cost.whole": ("per_win", "per_expected_win", "per_qualified", "spend"),
        "conversations.whole": ("reach", "attempts", "talk_s", "reasons_filled"),
        "conversations.compared.follow_up_kept": ("before", "after"),
        "ledger.whole": ("promised", "delivered", "ratio"),
        "conversations.agents.0.result": ("wins", "expected", "against_expected"),
    }
    headline = {f"{part}.{name}" for part, names in parts.items() for name in names}
    assert headline <= numbers_of(file).keys()


def test_every_number_leads_to_its_definition(weekly: Floor, report: Report) -> None:
    defined = {f"/definitions#{key}" for key in report.definitions.values()} | {"/definitions#handling"}
    person = weekly.person()
    page, contract = Shown(person.get("/report").text), Shown(person.get("/definitions").text)
    assert defined - {"/definitions#marginal_wins"} <= {*page.links}
    assert {link.partition("#")[2] for link in page.links if link.startswith("/definitions#")} <= {*contract.ids}


@pytest.mark.parametrize(
    ("p_value", "clear", "heading"),
    [
        (0.4, (), "No clear change: 9.1 % of leads became customers (before 11.2 %)"),
        (0.2, ("total",), "Borderline: 9.1 % of leads became customers (before 11.2 %)"),
        (0.01, ("mix",), "No clear change in all, but one by who came"),
        (0.01, ("handling",), "No clear change in all, but one by handling"),
        (0.01, ("mix", "handling"), "No clear change in all, but clear ones within it"),
    ],
)
def test_the_verdict_has_a_dozen_words_and_what_would_have_shown_stands_below(
    report: Report, p_value: float, clear: tuple[str, ...], heading: str
) -> None:
    about_nothing = {name: Estimate(-0.001, -0.01, 0.008, 900) for name in ("total", "mix", "handling")}
    beyond = {name: Estimate(-0.02, -0.03, -0.01, 900) for name in clear}
    could = "A change of 1.7 points or more would have shown."
    parts = "The leads that arrived moved it by −0.1 points."
    told = replace(
        report,
        change=replace(report.change, p_value=p_value, **about_nothing | beyond),
        answer=replace(report.answer, sentences=(f"No clear change: it is 8.8 %. {could}", parts)),
    )
    found = headline(told)
    assert found.verdict == heading.replace(" %", "\u00a0%")
    assert len(found.verdict.split()) <= 12
    assert found.parts.startswith("Conversion went from 11.2 % to 9.1 %, by ")
    assert found.parts.endswith(parts)
    assert found.would_show == could


def test_the_definitions_have_a_row_for_each_number_of_the_contract(floor: Floor) -> None:
    answer = floor.person(scope="report").get("/definitions")
    shown = text_of(answer.text)
    for metric in CONTRACT:
        assert f'id="{metric.key}"' in answer.text
        assert " ".join(metric.formula.split()) in shown
        assert all(change in shown for change in metric.changes)


def test_numbers_lead_to_the_leads_behind_them(weekly: Floor) -> None:
    links = [unescape(link) for link in Shown(weekly.person().get("/report").text).links]
    won = [link for link in links if link.startswith("/leads?") and "outcome=won" in link]
    assert won == ["/leads?from=2026-07-07&to=2026-08-04&as_of=2026-11-02&outcome=won&within=90"]
    assert any("source=ads" in link for link in links)
    assert any("without=source" in link for link in links)
    assert any("agent=Anna" in link for link in links)


def test_marketing_and_sales_read_it_and_a_crm_does_not(weekly: Floor) -> None:
    for scope in ("sales", "report", "admin"):
        for path in ("/report", "/definitions", "/leads"):
            assert weekly.person(scope=scope).get(path).status_code == 200, (scope, path)
    assert weekly.stranger().get("/report").headers["location"] == "/sign-in?next=/report"


def test_the_pages_lead_to_one_another(weekly: Floor) -> None:
    marketing = Shown(weekly.person(scope="report").get("/report").text).links
    assert {"/report", "/definitions", "/model"} <= {*marketing}
    assert "/queue" not in marketing


def test_hostile_names_are_text_everywhere(weekly: Floor, file: str) -> None:
    page = weekly.person().get("/report").text
    for html in (page, file):
        assert HOSTILE not in html
        assert "<script>alert" not in html
        assert "&lt;script&gt;alert" in html
    assert Shown(file).tags.count("script") == 0
    assert HOSTILE in text_of(page)


def test_the_file_asks_nothing_of_anybody_and_needs_no_script(file: str) -> None:
    shown = Shown(file)
    assert file.lstrip().startswith("<!doctype html>")
    assert not {"script", "iframe", "object", "form", "img"} & {*shown.tags}
    assert all(source.startswith(("#", "data:,")) for source in shown.sources)
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/)", file)
    assert all(link.removeprefix("#") in shown.ids for link in shown.links)
    assert len(shown.ids) == len({*shown.ids})


def test_what_is_unknown_is_a_dash_with_a_reason(file: str) -> None:
    shown = text_of(file)
    assert "Follow-ups kept: no follow-up was due" in shown
    assert "too few matured leads with a score" in shown
    assert "over 7 h 40 min fewer than 90 in 100 leads got that far" in shown
    assert not re.search(r"\b(nan|None|inf)\b", shown)


def test_a_company_that_has_just_begun_reads_what_is_missing(young_file: str) -> None:
    shown = text_of(young_file)
    assert "The change of conversion is not known: no lead is older than the horizon." in shown
    assert "Agents cannot be compared yet" in shown
    assert "no spend is recorded in this period" in shown
    assert "No clear change here, so nothing asks to be discussed" in shown
    assert "Nothing is known: no model." in shown
    assert not re.search(r"\b(nan|None|inf)\b", shown)


def test_no_word_blames(file: str, young_file: str) -> None:
    assert BLAME.findall(text_of(file + young_file)) == []


def test_charts_say_their_finding_how_to_read_them_and_stand_above_their_numbers(file: str) -> None:
    figures = re.findall(r'<figure class="drawn">(.*?)</figure>', file, re.DOTALL)
    assert len(figures) == 10
    for figure in figures:
        assert all(part in figure for part in ("<h3>", 'role="img" aria-label="', "<figcaption>", "<svg"))
    assert "The leads that arrived: −1.7 points. Handling: −0.4 points, no clear change" in figures[0]


def test_only_whole_weeks_that_have_matured_are_drawn(report: Report) -> None:
    since, matured = report.windows.since, report.as_of - timedelta(days=report.horizon_days)
    monday = matured.date() - timedelta(days=matured.weekday() + 28)
    mondays = [monday + timedelta(weeks=number) for number in range(5)]
    weeks = tuple(conversion((day.isoformat(),), 0.1, 100) for day in mondays)
    start = datetime(monday.year, monday.month, monday.day, tzinfo=UTC) + timedelta(days=3)
    windows = replace(report.windows, since=replace(since, start=start))

    html = render_file(replace(report, windows=windows, conversion=replace(report.conversion, weeks=weeks)))

    assert re.findall(r"week of (\d{4}-\d\d-\d\d)", html)[:3] == [day.isoformat() for day in mondays[1:4]]
    assert f"week of {mondays[0]}" not in html
    assert f"week of {mondays[4]}" not in html


def test_speed_is_headed_by_the_adjusted_difference_and_counts_no_wins_where_it_is_noise(file: str) -> None:
    shown = text_of(file)
    assert (
        "No clear difference: at the same score and fields, leads called within 60 min convert 1.2 points more than "
        "later ones" in shown
    )
    assert "16 %" not in shown[shown.index("How soon leads were called") : shown.index("convert 1.2 points more")]
    assert "agents chose whom to call first, so this isn't proof" in shown
    assert numbers_of(file)["response.speed.wins_lost"] is None


def test_how_much_agents_differ_is_said_only_beyond_chance(report: Report) -> None:
    said = "Beyond chance, the agents differ by about 4 % of the wins expected (between 1 and 9 %)."
    nothing = Estimate.unknown("the agents differ by no more than chance explains")
    alike = replace(report, conversations=replace(report.conversations, spread=0.0, differ=nothing))
    assert said in text_of(render_file(report))
    assert "the agents differ by" not in text_of(render_file(alike))


def test_that_nobody_stands_out_is_not_told_as_all_being_equal(report: Report) -> None:
    agents = tuple(agent(name, 80.0, 82) for name in ("Anna", "Ben"))
    alike = replace(report, conversations=replace(report.conversations, agents=agents))
    shown = text_of(render_file(alike))
    assert "No clear difference from the wins expected in any of 2 agents" in shown
    assert "That is no proof that the agents are equal" in shown
    assert "only one whose wins are 19 % above the expected, or about as far below, would have stood out" in shown
    assert "no proof" not in text_of(render_file(report))


def test_where_leads_were_picked_the_page_says_that_the_comparison_may_be_unfair(report: Report) -> None:
    picked = replace(report, conversations=replace(report.conversations, unlike_leads=True))
    says = "If agents pick their leads, they may also pick by what no score shows"
    assert says in text_of(render_file(picked))
    assert says not in text_of(render_file(report))


def test_parts_point_their_way_and_are_pale_within_noise(file: str) -> None:
    waterfall = re.findall(r'<figure class="drawn">(.*?)</figure>', file, re.DOTALL)[0]
    assert "var(--marketing)" in waterfall
    assert "var(--sales)" in waterfall
    assert "Handling: −0.4 points (−1.1 to +0.3)" in waterfall


def test_drawings_have_no_colour_of_their_own(file: str) -> None:
    drawings = "".join(re.findall(r"<svg.*?</svg>", file, re.DOTALL))
    assert re.findall(r"(?:fill|stroke)=\"(?!none|transparent|var\(--)[^\"]*\"", drawings) == []


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_the_departments_colours_have_contrast_and_neither_is_green_or_red(theme: int) -> None:
    named = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for style in ("pages.css", "report.css")
        for block in re.findall(r":root \{(.*?)\}", (STATIC / style).read_text(), re.DOTALL)[theme : theme + 1]
    ]
    colours = {**named[0], **named[1]}
    assert {*VARIABLES.values()} <= colours.keys()
    for name in ("marketing", "sales", "mark", "mark-outside"):
        assert contrast(colours[name], colours["paper"]) >= 3, name
    for name in ("marketing", "sales"):
        red, green, blue = (int(colours[name][at : at + 2], 16) for at in (1, 3, 5))
        assert not red > 1.5 * max(green, blue), name
        assert not green > 1.2 * max(red, blue), name


def test_while_the_first_report_is_made_the_page_says_so(floor: Floor) -> None:
    reports = ReportCache(lambda _: time.sleep(0.3) or young_report())  # type: ignore[func-returns-value]
    floor.app.state.reports = reports
    person = floor.person()
    assert "The report is being made" in person.page("/report")
    wait_until(lambda: reports.find() is not None)
    assert "The change of conversion is not known" in person.page("/report")
    reports.close()


def test_weeks_that_cannot_be_compared_are_told(floor: Floor) -> None:
    person = floor.person()
    path = "/report?from=2026-02-02&to=2026-02-08&before_from=2026-02-02&before_to=2026-02-08"
    wait_until(lambda: person.get(path).status_code != 200)
    answer = person.get(path)
    assert answer.status_code == 409
    assert "These weeks cannot be compared" in answer.text
    assert "overlap" in answer.text
    assert person.get("/report?from=soon").status_code == 422


def test_the_page_is_there_in_100_ms(weekly: Floor) -> None:
    person = weekly.person()
    person.get("/report")
    took = min(timed(person) for _ in range(5))
    assert took < 0.1


def test_what_is_sent_is_small(weekly: Floor) -> None:
    answer = weekly.person().get("/report")
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) <= 60 * 1024
    assert len(answer.content) > 200_000


def timed(person: Person) -> float:
    start = time.perf_counter()
    assert person.get("/report").status_code == 200
    return time.perf_counter() - start


def test_charts_hold_against_the_schema_of_vega_lite(report: Report) -> None:
    """The product leaves out that check, which raises here."""
    assert report_view(report, definitions="/definitions#", leads="/leads") == view_of(report)


def test_a_report_is_drawn_once() -> None:
    report = young_report()
    assert view_of(report) is view_of(report)
    assert view_of(replace(report)) is not view_of(report)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "0 min"),
        (0.4, "less than a minute"),
        (23.4, "23 min"),
        (99.4, "99 min"),
        (133, "2 h 13 min"),
        (5_400, "90 h"),
    ],
)
def test_working_time_is_told_in_hours_never_in_days(minutes: float, said: str) -> None:
    assert working_time(minutes) == said
