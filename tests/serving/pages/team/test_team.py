"""A team's work: who has what, taken back and handed over by whoever leads the team."""

import re
from datetime import timedelta

import pytest

from tests.serving.pages.floor import Floor


def test_whoever_leads_a_team_sees_what_each_works_on(either_floor: Floor) -> None:
    floor = either_floor
    for lead_id in ("L-1", "L-2"):
        floor.put(lead_id)
    ann, lea = floor.person("Ann"), floor.person("Lea", "team")
    ann.act("/queue/claim", lead_id="L-1")
    ann.act("/queue/call", lead_id="L-2", result="won")
    shown = lea.page("/team")
    assert "1 lead at hand, 1 call today" in shown
    assert re.search(r"Ann today 1 called, 1 reached, 1 won grade \w L-1 Director until 10:30 UTC", shown)
    assert "Lea today 0 called" in shown


def test_a_lead_is_given_back_and_handed_over(either_floor: Floor) -> None:
    floor = either_floor
    floor.put("L-1")
    ann, ben, lea = floor.person("Ann"), floor.person("Ben"), floor.person("Lea", "team")
    ann.act("/queue/claim", lead_id="L-1")
    assert "Handed over." in lea.act("/team/hand-over", lead_id="L-1", agent="Ben")
    assert "Yours, until" in ben.page()
    assert "with Ben" in ann.page()
    assert "Given back to the queue." in lea.act("/team/release", lead_id="L-1")
    assert "Call next" in ben.page()
    assert "not in the queue any more" in lea.act("/team/release", lead_id="L-1")
    assert lea.send("/team/hand-over", lead_id="L-1", agent="Nobody").status_code == 422


@pytest.mark.parametrize("path", ["/team", "/team/release", "/team/hand-over"])
def test_an_agent_does_not_act_for_others(floor: Floor, path: str) -> None:
    floor.put("L-1")
    floor.person("Ben").act("/queue/claim", lead_id="L-1")
    ann = floor.person("Ann")
    answer = ann.get(path) if path == "/team" else ann.send(path, lead_id="L-1", agent="Ann")
    assert answer.status_code == 403
    assert "with Ben" in ann.page()
    assert ">Team<" not in ann.get("/queue").text


def test_spellings_of_a_name_that_differ_by_case_or_spaces_are_one_agent(either_floor: Floor) -> None:
    floor = either_floor
    floor.person("Ann Lee")
    lea = floor.person("Lea", "team")
    started_at = (floor.clock() - timedelta(minutes=5)).isoformat()
    for number, agent in enumerate(("ann lee", " Ann   Lee ", "BEN  Ode", "Ben Ode")):
        floor.put(f"L-{number}")
        floor.tell(f"/v1/leads/L-{number}/contacts", started_at=started_at, agent=agent, connected=True)
    shown = lea.page("/team")
    assert "Ann Lee today 2 called, 2 reached, 0 won" in shown
    assert len(re.findall(r"\bben ode today 2 called", shown, re.IGNORECASE)) == 1
    with floor.store.database.reading() as connection:
        kept = connection.exec_driver_sql("SELECT DISTINCT agent FROM contacts ORDER BY agent").scalars().all()
    assert kept == ["Ann Lee", "BEN Ode", "Ben Ode"]


def test_a_contact_told_again_in_another_spelling_of_the_key_is_the_same_as_it_was(floor: Floor) -> None:
    floor.put("L-1")
    floor.person("Ann")
    told = {"started_at": (floor.clock() - timedelta(minutes=5)).isoformat(), "agent": "ann"}
    first, again = (floor.tell("/v1/leads/L-1/contacts", **told) for _ in range(2))
    assert first["contact_id"] == again["contact_id"]
