"""A team's work: who has what, taken back and handed over by whoever leads the team."""

import re

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
