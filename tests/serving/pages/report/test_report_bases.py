"""On the weekly page no number contradicts another: signs, bases, and what makes a row clear."""

import re
from dataclasses import replace

import pytest

from analytics.cost.costs import NO_GRADES
from analytics.ledger import Ledger
from analytics.mix.change import Change
from analytics.mix.words import change_sentences
from analytics.report import Report
from analytics.response.speed import Verdict
from serving.pages.formatting import working_time
from serving.pages.report.numbers import Numbers, Places
from serving.pages.report.routes import render_file
from serving.pages.report.view import report_view
from stats.estimates import Estimate
from tests.serving.pages.floor import text_of
from tests.serving.reports import made_report, response


@pytest.fixture(scope="module")
def report() -> Report:
    return made_report()


def shown(report: Report) -> str:
    return text_of(render_file(report))


def figures(report: Report) -> list[str]:
    return re.findall(r'<figure class="drawn">(.*?)</figure>', render_file(report), re.DOTALL)


def tables(report: Report) -> list[str]:
    return re.findall(r'<table class="numbers">.*?</table>', render_file(report), re.DOTALL)


def ungraded(report: Report) -> Report:
    """The same company before any score was stored: the reference's grades are all there is."""
    nothing = Estimate.unknown(NO_GRADES)
    by_grade = replace(report.response.tables[0], rows=(response((None,), 23.0),))
    whole = report.cost.whole
    assert whole is not None
    return replace(
        report,
        conversion=replace(report.conversion, grades_by="reference"),
        response=replace(report.response, tables=(by_grade, *report.response.tables[1:])),
        cost=replace(report.cost, whole=replace(whole, qualified=0, per_qualified=nothing)),
    )


def test_a_part_has_the_same_sign_and_interval_in_the_answer_and_in_the_chart(report: Report) -> None:
    told = {name: getattr(report.change, name) for name in Change.__dataclass_fields__ if hasattr(report.change, name)}
    sentence = change_sentences(Change(**(told | {"parts": {}})))[1]
    waterfall = figures(report)[0]

    for figure in ("−1.7 points (−2.3 to −1.1)", "−0.4 points (−1.1 to +0.3)"):
        assert figure in sentence
        assert figure in waterfall


def test_clear_sources_are_marked_and_the_caption_says_what_clear_is(report: Report) -> None:
    arrived, handling = figures(report)[1:3]

    assert "The leads that arrived, by source: ads clear" in arrived
    assert "ads · clear" in arrived
    assert "adjusted for the 5 sources compared" in arrived
    assert "no clear change in any" in handling
    assert " · clear" not in handling
    assert "crosses 0" not in shown(report)


def test_where_nothing_changed_as_a_whole_no_source_is_marked(report: Report) -> None:
    quiet = figures(replace(report, change=replace(report.change, p_value=0.4)))

    assert " · clear" not in "".join(quiet[1:3])
    assert "All dots are hollow" in quiet[1]


def test_an_arrow_is_pale_unless_its_part_is_clear(report: Report) -> None:
    """That of a part beyond its own interval only as well."""
    borderline = replace(report, change=replace(report.change, p_value=0.2))

    assert figures(report)[0].count("0.4") < figures(borderline)[0].count("0.4")
    assert "The leads that arrived: −1.7 points, borderline" in figures(borderline)[0]


def test_agents_are_judged_together_and_the_table_says_so(report: Report) -> None:
    assert "Beyond chance is adjusted for the 7 agents compared, so an agent's own interval may" in shown(report)
    assert "Clear is adjusted for the 5 numbers compared" in shown(report)


def test_shares_of_leads_say_of_which(report: Report) -> None:
    said = shown(report)

    for base in (
        "Leads reached, of those called",
        "forecast for leads under 90 days old",
        "Never reached, of the matured leads",
        "never called, of all that matured",
    ):
        assert base in said
    assert "Response by agent, 4,702 leads that arrived" in said
    assert "Never reached by agent, of the matured leads among 4,890 leads" in said


def test_leads_without_an_agent_are_called_so(report: Report) -> None:
    rows = (*report.response.tables[2].rows, response((None,), 23.0))
    by_agent = replace(report.response.tables[2], rows=rows)
    told = replace(report, response=replace(report.response, tables=(*report.response.tables[:2], by_agent)))

    assert "no agent on record" in shown(told)


def test_the_cost_tile_shows_the_spend_and_the_customers_that_its_cost_is_of(report: Report) -> None:
    tile = next(tile for tile in report_view(report, "#", None).metrics if tile.title == "Cost")
    lines = {line.number.path: line for line in tile.lines}
    spend, wins = lines["cost.whole.matured_spend"], lines["cost.whole.wins"]

    assert (spend.name, wins.name) == ("from the spend of matured days", "and the customers it brought")
    assert lines["cost.whole.spend"].name == "spend of all days"


def test_each_tile_begins_with_the_number_of_the_first_screen(report: Report) -> None:
    view = report_view(report, "#", None)

    for figure, tile in zip(view.key_figures, view.metrics, strict=True):
        (before,) = (line for line in tile.lines if line.name == "before")
        assert tile.chief.name == figure.name
        assert (tile.chief.number.text, before.number.text) == (figure.after.text, figure.before.text)


def test_no_grade_is_listed_where_none_is_stored(report: Report) -> None:
    without = ungraded(report)

    assert any(" by grade" in table for table in tables(report))
    assert not any(" by grade" in table for table in tables(without))
    assert "a qualified lead (A or B)" in shown(report)
    assert "a qualified lead (A or B)" not in shown(without)
    assert "qualified" not in text_of("".join(tables(without)))
    assert "First call due" not in shown(without)


def test_grades_of_the_reference_are_called_so_where_some_are_stored(report: Report) -> None:
    some = replace(report, conversion=replace(report.conversion, grades_by="reference"))

    assert "Conversion by grade, matured leads among" in shown(some)
    assert "grades as the reference model would give them" in shown(some)


def test_leads_without_a_contact_are_counted_among_the_scored_ones_only(report: Report) -> None:
    assert "Left out: 12 of 4,890 matured leads had no score in time; of the 1,104 with one, 204" in shown(report)
    unscored: Ledger = replace(
        report.ledger, whole=replace(report.ledger.whole, n=0), tables=(), unscored=4_890, not_worked=0
    )

    said = shown(replace(report, ledger=unscored))

    assert "4,890 of 4,890 matured leads had no score in time." in said
    assert "contact on record" not in said


@pytest.mark.parametrize(
    ("verdict", "begins"),
    [
        (Verdict.MAY_BE_HIDDEN, "A difference that may not be speed: at the same score"),
        (Verdict.SPEED, "Unless agents chose by what no score or field shows, speed made a difference: at the same"),
    ],
)
def test_a_finding_about_speed_begins_with_its_doubt(report: Report, verdict: Verdict, begins: str) -> None:
    told = replace(report, response=replace(report.response, speed=replace(report.response.speed, verdict=verdict)))

    assert begins in shown(told)


def test_an_interval_that_says_nothing_more_than_its_number_is_left_out(report: Report) -> None:
    def told(low: float, high: float | None) -> tuple[str, str]:
        whole = replace(report.response.whole, attempt_ninetieth=Estimate(5_430.0, low, high, 300))
        made = replace(report, response=replace(report.response, whole=whole))
        numbers = Numbers(made, Places("#", None, made.as_of, 90))
        number = numbers.of(lambda report: report.response.whole.attempt_ninetieth, working_time)
        return number.text, number.interval

    assert told(5_410.0, 5_450.0) == ("90 h", "")
    assert told(5_410.0, None) == ("90 h", "or more")
    assert told(4_020.0, None) == ("90 h", "from 67 h on")
    assert told(4_020.0, 5_450.0) == ("90 h", "67 to 90 h")


def test_what_sources_add_is_printed_so_that_it_adds_up_to_the_answer(report: Report) -> None:
    thirds = tuple(
        replace(row, mix=Estimate(-0.0034, -0.01, 0.01, 900), handling=Estimate(-0.0008, -0.01, 0.01, 900))
        for row in report.change.parts[0].rows
    )
    parts = (replace(report.change.parts[0], rows=thirds),)
    table = next(
        table
        for table in tables(replace(report, change=replace(report.change, parts=parts)))
        if "What moved it, by source" in table
    )

    printed = {
        effect: [
            float(text.replace("−", "-"))
            for text in re.findall(rf'data-path="change.parts.0.rows.\d.{effect}">(.*?)<', table)
        ]
        for effect in ("mix", "handling")
    }

    assert sum(printed["mix"]) == pytest.approx(-1.7)
    assert sum(printed["handling"]) == pytest.approx(-0.4)
    assert re.findall(r'data-path="change.(?:mix|handling)">(.*?)<', table) == ["−1.7", "−0.4"]


def test_the_best_campaign_is_the_best_of_as_many_as_the_caption_names(report: Report) -> None:
    rows = tuple(
        replace(report.cost.budget[0], name=("ads", f"c{number}"), chance_best=0.41 if number == 0 else 0.05)
        for number in range(12)
    )
    said = shown(replace(report, cost=replace(report.cost, budget=rows)))

    assert "there is a 41 in 100 chance that it is really the best of the 12" in said
    assert "The 8 of 12 with most wins are shown." in said


def test_a_difference_that_is_told_as_nothing_has_no_sign(report: Report) -> None:
    pair = replace(report.conversations.compared.attempts, change=Estimate(-0.01, -0.2, 0.2, 900))
    compared = replace(report.conversations.compared, attempts=pair)

    assert "−0.0" not in shown(replace(report, conversations=replace(report.conversations, compared=compared)))


HEAD_OF_KEPT = r'<th scope="col"[^>]*><a[^>]*>Called in time</a>'


def test_a_column_in_which_nothing_is_known_is_a_sentence(report: Report) -> None:
    nothing = Estimate.unknown("no call was due")
    response = report.response
    tables = tuple(
        replace(table, rows=tuple(replace(row, kept=nothing) for row in table.rows)) for table in response.tables
    )
    made = replace(
        report, response=replace(response, whole=replace(response.whole, kept=nothing), tables=tables, hours=())
    )
    assert re.search(HEAD_OF_KEPT, render_file(report))
    html = render_file(made)
    assert "Called in time: no call was due." in html
    assert not re.search(HEAD_OF_KEPT, html)
