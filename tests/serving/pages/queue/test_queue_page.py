"""The queue page: whom to call and why, and what its forms do."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from serving.pages.lines import reason_lines
from serving.pages.page_context import chance_of
from tests.serving.crm import NOW, Clock
from tests.serving.models import LEAD, SCHEMA
from tests.serving.pages.floor import Floor, opened, text_of
from training.model import ScoringModel


def test_the_queue_says_whom_to_call_and_why(floor: Floor) -> None:
    floor.put()
    floor.clock.now = NOW + timedelta(minutes=12)
    shown = floor.person().page()
    score = floor.app.state.service.scorer.champion.model.score(
        SCHEMA.parse("L-1", dict(LEAD["fields"]), created_at=NOW, source="search", campaign="brand"), NOW
    )
    chance = chance_of(score.probability, 90)
    assert f"{chance.words} {chance.within} {chance.number}" in shown
    assert all(line.sentence in shown for line in reason_lines(score.reasons, len(score.reasons)))
    assert "waiting 12 min · call due within 15 min" in shown
    assert "Claim c" in shown


def test_an_overdue_lead_comes_first_and_says_so(floor: Floor) -> None:
    floor.put("L-better")
    floor.clock.now = NOW + timedelta(minutes=20)
    floor.put("L-new", created_at=floor.clock().isoformat())
    shown = floor.person().page("/queue?order=score")
    assert "overdue by 5 min" in shown
    assert shown.index("L-better") < shown.index("L-new")
    assert "2 leads to call, 1 overdue" in shown


def test_leads_stand_under_what_they_are_sorted_by(floor: Floor) -> None:
    floor.put("L-untried", created_at=(NOW - timedelta(days=31)).isoformat())
    floor.put("L-overdue", created_at=(NOW - timedelta(days=2)).isoformat())
    floor.put("L-new")
    html = floor.person().get("/queue?order=score").text
    rows = re.findall(r'rowgroup" colspan="7">([^<]+)<|data-row>([^<]+)<', html)
    assert [heading or lead_id for heading, lead_id in rows] == [
        "Not called for more than 30 days: the oldest first",
        "L-untried",
        "Overdue: the highest chance first",
        "L-overdue",
        "The highest chance first",
        "L-new",
    ]
    assert "Call next · not called for more than 30 days" in text_of(html)
    assert "aria-sort" not in html


@pytest.mark.parametrize(
    ("order", "said"),
    [("value", "what is worth most"), ("wait", "the longest wait for its chance"), ("score", "the highest chance")],
)
def test_a_queue_in_which_nothing_comes_before_is_sorted_by_its_column(floor: Floor, order: str, said: str) -> None:
    floor.put("L-new")
    html = floor.person().get(f"/queue?order={order}").text
    assert f"{said.capitalize()} first" in html
    assert html.count("aria-sort") == 1


def test_a_claim_that_ran_out_is_no_longer_the_agent_s_and_that_is_said(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person("Ann")
    claimed = ann.send("/queue/next").headers["location"]
    html = ann.get(claimed).text
    assert float(re.findall(r'data-until="([^"]+)"', html)[0]) == (NOW + timedelta(minutes=30)).timestamp()

    floor.clock.now = NOW + timedelta(minutes=30)
    shown = ann.page(claimed)
    assert "Your claim on L-1 ran out 10:30 UTC, and it went back into the queue." in shown
    assert "Yours" not in shown
    assert "yours" not in shown
    assert "yours" not in ann.page("/leads/L-1")


def test_two_agents_get_two_leads(floor: Floor) -> None:
    floor.put("L-1")
    floor.put("L-2")
    ann, ben = floor.person("Ann"), floor.person("Ben")
    first = ann.send("/queue/next").headers["location"]
    second = ben.send("/queue/next").headers["location"]
    assert {first, second} == {"/queue?lead=L-1", "/queue?lead=L-2"}
    assert "Yours, until 10:30 UTC" in ann.page()
    assert "with Ann" in ben.page()


def test_a_shown_lead_that_another_took_is_replaced_by_the_next_and_that_is_said(floor: Floor) -> None:
    floor.put("L-1")
    floor.put("L-2")
    ann, ben = floor.person("Ann"), floor.person("Ben")
    shown = ann.send("/queue/next").headers["location"].removeprefix("/queue?lead=")
    assert "with somebody else now. This is the next." in ben.act("/queue/next", shown=shown)
    assert "Nobody is free to be called" in floor.person("Cem").act("/queue/next")


def test_a_lead_of_another_agent_cannot_be_claimed(floor: Floor) -> None:
    floor.put("L-1")
    floor.person("Ann").act("/queue/claim", lead_id="L-1")
    assert "is with somebody else" in floor.person("Ben").act("/queue/claim", lead_id="L-1")


def test_a_claimed_lead_shows_how_to_reach_it(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    ann.act("/queue/next")
    html = ann.get("/queue").text
    assert 'href="tel:+442079460018"' in html
    assert 'href="mailto:ann@example.com"' in html
    assert "Please send a quote for ten seats" in html


def test_a_lead_given_back_is_free_again(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person("Ann")
    ann.act("/queue/next")
    assert "Given back" in ann.act("/queue/release", lead_id="L-1")
    assert "Your claim had ended already" in ann.act("/queue/release", lead_id="L-1")
    assert floor.person("Ben").send("/queue/next").headers["location"] == "/queue?lead=L-1"


def test_an_empty_queue_says_what_to_do(floor: Floor) -> None:
    assert "They appear here as soon as your CRM sends them" in floor.person().page()


def test_the_queue_is_filtered_by_source(either_floor: Floor) -> None:
    floor = either_floor
    floor.put("L-search", source="search")
    floor.put("L-partner", source="partner")
    shown = floor.person().page("/queue?source=partner")
    assert "1 lead to call" in shown
    assert "L-search" not in shown
    assert "No lead matches these filters" in floor.person("Ben").page("/queue?source=none")


def test_filters_outlive_a_claim(floor: Floor) -> None:
    floor.put("L-search", source="search")
    floor.put("L-partner", source="partner")
    answer = floor.person().send("/queue/next", source="partner", order="wait")
    assert answer.headers["location"] == "/queue?order=wait&source=partner&lead=L-partner"


def test_a_long_queue_goes_on_behind_a_cursor(floor: Floor) -> None:
    for number in range(53):
        floor.put(f"L-{number:02}")
    ann = floor.person()
    first = ann.get("/queue").text
    more = re.search(r'href="([^"]+)" rel="next"', first)
    assert more
    second = ann.get(unescape(more[1])).text
    rows = [re.findall(r"data-row>([^<]+)<", html) for html in (first, second)]
    assert (len(rows[0]), len(rows[1])) == (50, 3)
    assert not set(rows[0]) & set(rows[1])


def test_a_cursor_that_is_none_of_ours_begins_at_the_top(floor: Floor) -> None:
    floor.put("L-1")
    assert "L-1" in floor.person().page("/queue?cursor=%00nonsense")


def test_a_random_pick_is_marked(model: ScoringModel, database_url: str, clock: Clock) -> None:
    with opened(database_url, model, clock, random_share=1) as floor:
        floor.put("L-1")
        assert "random pick (quality check)" in floor.person().act("/queue/next")


def test_a_lead_of_which_too_little_is_known_says_so_in_the_queue_and_on_its_page(floor: Floor) -> None:
    floor.put("L-1", source="never seen")
    ann = floor.person()
    assert ann.page("/queue").count("has values never seen") == 2  # the lead to call, and its row
    assert "has values never seen" in ann.page("/leads/L-1")
    floor.put("L-1")
    assert "has values never seen" not in ann.page("/queue") + ann.page("/leads/L-1")


def test_a_fresh_lead_comes_before_ones_that_are_long_overdue_unless_the_old_order_is_set(
    model: ScoringModel, database_url: str, clock: Clock
) -> None:
    with opened(database_url, model, clock) as floor:
        for number in range(3):
            floor.put(f"L-late-{number}", created_at=(NOW - timedelta(days=3)).isoformat())
        floor.put("L-fresh", created_at=(NOW - timedelta(minutes=1)).isoformat())
        ann = floor.person()
        rows = re.findall(r"data-row>([^<]+)<", ann.get("/queue").text)
        assert rows[0] == "L-fresh"
        assert "What costs most to keep waiting first" in ann.page()
        assert re.findall(r"data-row>([^<]+)<", ann.get("/queue?order=score").text)[-1] == "L-fresh"
        assert ann.send("/queue/next").headers["location"] == "/queue?lead=L-fresh"
        assert ann.send("/queue/next", order="score").headers["location"].startswith("/queue?order=score&lead=L-late")


def test_the_order_of_a_setting_is_the_pages_order(model: ScoringModel, tmp_path: Path, clock: Clock) -> None:
    with opened(f"sqlite:///{tmp_path}/leads.db", model, clock, queue_order="score") as floor:
        floor.put("L-late", created_at=(NOW - timedelta(days=3)).isoformat())
        floor.put("L-fresh")
        ann = floor.person()
        assert "Call next" in ann.page()
        assert ann.send("/queue/next").headers["location"] == "/queue?lead=L-late"


def test_a_lead_is_called_by_its_name_with_job_and_company(floor: Floor) -> None:
    facts = {"Full Name": "Ada Lovelace", "Company": "Analytical Engines", "job title": "Director"}
    floor.put("L-1", fields=LEAD["fields"] | facts)
    shown = floor.person().page()
    assert "A Ada Lovelace L-1 Director, Analytical Engines" in shown
    assert shown.count("Ada Lovelace") == 2  # the lead to call, and its row


def test_skipping_gives_the_lead_back_and_takes_another(either_floor: Floor) -> None:
    floor = either_floor
    floor.put("L-1")
    floor.put("L-2")
    ann = floor.person()
    first = ann.send("/queue/next").headers["location"].removeprefix("/queue?lead=")
    second = ann.send("/queue/next", skip=first).headers["location"].removeprefix("/queue?lead=")
    assert {first, second} == {"L-1", "L-2"}
    assert "Also yours" not in ann.page()
    assert floor.person("Ben").send("/queue/next").headers["location"] == f"/queue?lead={first}"


def test_where_nothing_else_is_free_a_skipped_lead_stays(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    ann.act("/queue/next")
    assert "Nobody is free to be called now." in ann.act("/queue/next", skip="L-1")
    assert "Yours, until" in ann.page()


def test_nobody_takes_more_leads_than_one_may_have(model: ScoringModel, tmp_path: Path, clock: Clock) -> None:
    with opened(f"sqlite:///{tmp_path}/leads.db", model, clock, most_claims=1) as floor:
        floor.put("L-1")
        floor.put("L-2")
        ann = floor.person()
        held = ann.send("/queue/next").headers["location"].removeprefix("/queue?lead=")
        other = "L-2" if held == "L-1" else "L-1"
        for answer in (ann.act("/queue/next"), ann.act("/queue/claim", lead_id=other)):
            assert "as many leads as one may have at a time" in answer
        assert "Yours, until" in ann.act("/queue/claim", lead_id=held)
        assert ann.send("/queue/next", skip=held).headers["location"] == f"/queue?lead={other}"


def test_new_leads_of_the_best_grade_are_told_while_nobody_has_them(either_floor: Floor) -> None:
    floor = either_floor
    ann, before = floor.person(), NOW.timestamp() - 1
    floor.put("L-1")
    floor.put("L-dull", source="social", fields={"job title": "clerk", "message": "just looking around"})
    told = ann.get(f"/queue/fresh?since={before}").json()
    assert [lead["url"] for lead in told["leads"]] == ["/leads/L-1"]
    assert told["leads"][0]["text"].startswith("L-1, ")
    assert ann.get(f"/queue/fresh?since={NOW.timestamp() + 1}").json() == {"leads": []}
    ann.send("/queue/claim", lead_id="L-1")
    assert ann.get(f"/queue/fresh?since={before}").json() == {"leads": []}
    assert ann.get("/queue/fresh?since=soon").status_code == 422
