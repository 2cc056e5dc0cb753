"""An agent's day: callbacks, leads at hand, calls."""

from datetime import timedelta

from tests.serving.crm import NOW
from tests.serving.pages.floor import Floor


def test_a_day_has_what_is_due_what_is_at_hand_and_what_was_done(either_floor: Floor) -> None:
    floor = either_floor
    for lead_id in ("L-soon", "L-tomorrow", "L-held"):
        floor.put(lead_id)
    ann, ben = floor.person("Ann"), floor.person("Ben")
    ann.act("/queue/call", lead_id="L-soon", result="callback", again="1h", note="ask for Bo")
    ann.act("/queue/call", lead_id="L-tomorrow", result="not_reached", again="1d")
    ann.act("/queue/claim", lead_id="L-held")
    floor.clock.now = NOW + timedelta(hours=2)
    ann.act("/queue/claim", lead_id="L-held")
    shown = ann.page("/day")
    assert "1 callback due today, 2 calls made, 1 reached" in shown
    assert "L-soon Director due 11:00 UTC, overdue by 1 h" in shown
    assert "L-held Director yours until 12:30 UTC" in shown
    assert "Ann: reached; to be called again 11:00 ask for Bo" in shown
    assert "0 callbacks due today, 0 calls made, 0 reached" in ben.page("/day")
    floor.clock.now = NOW + timedelta(days=1)
    assert "2 callbacks due today, 0 calls made" in floor.person("Ann").page("/day")


def test_a_call_of_the_day_says_what_was_recorded_at_it(either_floor: Floor) -> None:
    floor = either_floor
    for lead_id in ("L-won", "L-lost", "L-elsewhere"):
        floor.put(lead_id)
    ann = floor.person("Ann")
    ann.act("/queue/call", lead_id="L-won", result="won", value="4200")
    ann.act("/queue/call", lead_id="L-lost", result="lost", reason="No budget")
    ann.act("/queue/call", lead_id="L-elsewhere", result="callback", again="1h")
    floor.person("Ben").act("/queue/call", lead_id="L-elsewhere", result="lost", reason="Bad timing")
    shown = ann.page("/day")
    assert "0 callbacks due today, 3 calls made, 3 reached, 1 won" in shown
    assert "L-won Director Won 10:00, worth 4,200 · 10:00 Ann: reached" in shown
    assert "L-lost Director Lost 10:00: No budget · 10:00 Ann: reached" in shown
    assert shown.count("Lost") == 1, "what another recorded was not said at this call"
