"""The lead page: what is known, and why this score."""

import re
from datetime import timedelta

import pytest

from serving.pages.lead.waterfall import parts_of
from serving.pages.page_context import PageContext
from serving.store.leads import erase
from tests.serving.conftest import wait_until
from tests.serving.crm import NOW
from tests.serving.models import LEAD, SCHEMA, shifted
from tests.serving.pages.floor import UTC_ZONE, Floor, text_of
from training.model import ScoringModel


def test_a_chart_of_an_erased_lead_is_gone(either_floor: Floor) -> None:
    either_floor.put("L-1")
    ann = either_floor.person()
    chart = re.search(r'src="(/charts/[^"]+)"', ann.get("/leads/L-1").text)
    assert chart
    assert ann.get(chart[1]).status_code == 200
    either_floor.store.write_now(erase, "L-1", NOW)
    assert ann.get(chart[1]).status_code == 404


def test_an_unknown_lead_is_a_page_that_says_so(floor: Floor) -> None:
    answer = floor.person().get("/leads/none")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is no lead of this id." in text_of(answer.text)


def test_a_lead_page_opens_by_any_id(floor: Floor) -> None:
    floor.put("a%20b%3Fc")
    ann = floor.person()
    href = re.search(r'href="(/leads/[^"]+)" data-row', ann.get("/queue").text)
    assert href
    assert "a b?c" in ann.page(href[1])


def test_a_lead_page_marks_what_the_model_does_not_use(floor: Floor) -> None:
    floor.put("L-1", fields={"age": 41, "calls": 3, "shoe size": 44})
    shown = floor.person().page("/leads/L-1")
    assert "Calls 3 not used: known later than the lead arrives" in shown
    assert "Shoe size 44 not used: the model does not know it" in shown
    assert "Age 41" in shown
    assert "Newsletter – not given" in shown


def test_a_placeholder_is_a_dash_and_figures_are_formatted(floor: Floor) -> None:
    floor.put("L-1", fields={"age": 999, "calls": 288997000, "message": "288997000"})
    shown = floor.person().page("/leads/L-1")
    assert "Age – given as 999, which stands for nothing here" in shown
    assert "Calls 288,997,000 not used" in shown
    assert "Message 288997000" in shown
    floor.put("L-2", fields={"age": "41.5", "newsletter": True, "calls": 2026})
    shown = floor.person("Ben").page("/leads/L-2")
    assert "Age 41.5" in shown
    assert "Newsletter yes" in shown
    assert "Calls 2026 not used" in shown


def test_a_lead_page_tells_why_each_score_changed(floor: Floor) -> None:
    floor.put("L-1")
    floor.clock.now = NOW + timedelta(hours=1)
    floor.put("L-1", source="social", fields={"age": 41, "job title": "Clerk"})
    shown = floor.person().page("/leads/L-1")
    assert re.search(r"−\d+\.\d points: the model changed 0\.0, the lead changed −\d+\.\d", shown)
    assert "first score" in shown


def test_the_waterfall_begins_at_an_average_lead_and_ends_at_the_score(model: ScoringModel) -> None:
    score = model.score(SCHEMA.parse("L-1", dict(LEAD["fields"]), created_at=NOW, source="search"), NOW, 99)
    chart = parts_of("sc", score, PageContext(NOW, UTC_ZONE, "Ann", model)).chart
    first, *moves, last = chart.steps
    assert (first.start, last.start) == (0, 0)
    assert last.end == score.probability
    levels = [first.end, *(step.end for step in moves)]
    assert [step.start for step in moves] == levels[:-1]
    assert levels[-1] == pytest.approx(score.probability, abs=1e-12)


def test_a_score_of_another_model_is_shown_in_its_own_log_odds(model: ScoringModel, better: ScoringModel) -> None:
    score = model.score(SCHEMA.parse("L-1", dict(LEAD["fields"]), created_at=NOW, source="search"), NOW, 99)
    parts = parts_of("sc", score, PageContext(NOW, UTC_ZONE, "Ann", better))
    assert "Model 1 gave this score and is not in use now" in parts.picture.caption
    assert parts.chart.steps[-1].end == pytest.approx(sum(reason.contribution for reason in score.reasons))


def test_a_chart_is_drawn_for_each_theme_and_width(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    sizes = re.findall(r'(?:src|srcset)="(/charts/[^"]+)" (width="\d+" height="\d+")', ann.get("/leads/L-1").text)
    paths = [path for path, _ in sizes]
    assert all(size in ann.get(path).text.partition(">")[0] for path, size in sizes)
    drawn = {path.rpartition("/")[2]: ann.get(path) for path in paths}
    assert sorted(drawn) == ["narrow-dark.svg", "narrow-light.svg", "wide-dark.svg", "wide-light.svg"]
    assert all(answer.headers["content-type"] == "image/svg+xml" for answer in drawn.values())
    assert len({answer.text for answer in drawn.values()}) == 4
    assert ann.get("/charts/reasons/none/wide-light.svg").status_code == 404
    assert ann.get(paths[0].replace("wide-light", "huge-pink").replace("narrow-dark", "huge-pink")).status_code == 404


def test_charts_and_leads_are_for_those_who_signed_in(floor: Floor) -> None:
    floor.put("L-1")
    chart = re.search(r'src="(/charts/[^"]+)"', floor.person().get("/leads/L-1").text)
    assert chart
    assert floor.stranger().get(chart[1]).status_code == 303
    assert floor.stranger().get("/leads/L-1").status_code == 303


def test_a_lead_page_tells_that_a_new_champion_changed_the_score(floor: Floor, model: ScoringModel) -> None:
    floor.put("L-1")
    ann, source = floor.person(), floor.source
    assert "first score" in ann.page("/leads/L-1")
    source.versions["2"] = shifted(model, "2", 0.5)
    source.champion = "2"
    told = re.compile(r"\+(\d+\.\d) points: the model changed \+\1, the lead changed 0\.0")
    wait_until(lambda: told.search(ann.page("/leads/L-1")) is not None)
    assert "by model 2" in ann.page("/leads/L-1")
