"""The weekly report in Russian: a report is made once, and told to each reader in their own language."""

from functools import cache

import pytest

from analytics.periods import NEWEST
from analytics.report import Report
from language.choice import use_language
from serving.operations.build_report import json_of
from serving.pages.report.conversion import conversion_section
from serving.pages.report.downloads import write_csv
from serving.pages.report.headline import headline
from serving.pages.report.numbers import Numbers, Places
from serving.pages.report.routes import drawn, render_file, view_of
from serving.pages.report.said import said
from tests.analytics.report.test_build import AROUND_THE_CHANGE, report_of
from tests.analytics.report.test_build import company as simulated
from tests.serving.pages.leftovers import english_left
from tests.serving.reports import AS_OF, made_report, young_report

LEADS = 4_000


@cache
def _slower() -> Report:
    """Of a company whose agents have become slower."""
    return report_of(simulated("sales-slowdown", LEADS), AROUND_THE_CHANGE)


def _names(report: Report) -> list[str]:
    """What companies call their sources, campaigns, agents and fields."""
    groups = [part or "" for table in report.conversion.tables for row in table.rows for part in row.name]
    fields = [text for field in report.drift.fields for text in (field.field, field.most.name or "")]
    return [*groups, *fields, *(agent.name for agent in report.conversations.agents)]


def test_a_report_in_russian_has_no_english_left() -> None:
    with use_language("ru"):
        file = render_file(_slower())
    assert '<html lang="ru">' in file
    assert english_left(file, _names(_slower())) == []


def test_a_company_of_few_leads_is_told_in_russian_what_is_not_known() -> None:
    report = report_of(simulated("steady", 300), NEWEST)
    with use_language("ru"):
        assert english_left(render_file(report), _names(report)) == []


def test_what_changed_reads_as_a_sentence_with_the_numbers_of_the_english_one() -> None:
    report = _slower()
    english = headline(report)
    with use_language("ru"):
        russian, point = headline(report), said(report.discuss[0].says)
    assert english.verdict.startswith("Conversion fell from ")
    assert russian.verdict.startswith("Конверсия снизилась с ")
    moved = english.parts.split(" points")[0].split()[-1]
    assert moved.replace(".", ",") in russian.parts
    assert point.startswith("Обработка (работа с лидами и качество, которого не видно по полям) изменила конверсию: −")


def test_a_report_is_drawn_for_each_language_and_its_json_stays_english() -> None:
    report = young_report()
    before = json_of(report)
    drawn(report, ("en", "ru"))
    assert view_of(report).title == "Leads and customers, 2 Nov 2026"
    with use_language("ru"):
        assert view_of(report).title == "Лиды и клиенты, 2 нояб. 2026"
        assert json_of(report) == before


def test_a_table_as_csv_has_its_heads_in_russian_and_its_numbers_as_machines_read_them() -> None:
    numbers = Numbers(made_report(), Places("/definitions#", None, AS_OF, 90))
    with use_language("ru"):
        section = conversion_section(numbers)
        head, first = write_csv(section.tables[0]).splitlines()[:2]
    assert head.startswith("\ufeffИсточник,Зрелые,Сделки,Конверсия,")
    assert first.startswith("ads,900.0,81.0,0.09,")
    assert "неделя поступления" in section.charts[0].wide


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("no lead is older than the horizon", "нет лидов старше срока прогноза"),
        (
            "At the same score, leads called within 1 working hour and later differ in conversion by +1.2 points "
            "(−0.3 to +2.7): no clear difference. As it looks, of 100 leads called within 1 working hour, 14.0 won; "
            "of 100 called later, 6.0.",
            "При той же оценке конверсия лидов со звонком в течение 1 ч рабочего времени и позже отличается: "
            "+1,2 п.\xa0п. (−0,3 … +2,7) — незначимо. Как есть: из 100 лидов со звонком в течение 1 ч рабочего времени "
            "клиентами стали 14,0, при более позднем — 6,0.",
        ),
        (
            "A model made for this report judges both periods; it learned from 1,234 leads that arrived before "
            "2026-03-01.",
            "Оба периода оценивает модель, построенная для этого отчёта; она обучена на лидах, поступивших до "
            "01.03.2026, всего 1\xa0234.",
        ),
        ("Leads sang in the rain.", "Leads sang in the rain."),
    ],
)
def test_a_sentence_of_the_report_is_told_by_its_template(english: str, russian: str) -> None:
    assert said(english) == english
    with use_language("ru"):
        assert said(english) == russian
