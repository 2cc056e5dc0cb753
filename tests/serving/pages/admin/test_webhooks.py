"""Webhook events on the admin's page, and the overview that counts them."""

import re

from serving.store.outbox import Attempt, LeadClaimed, Outbox, lease, settle
from tests.serving.crm import NOW
from tests.serving.pages.floor import Floor


def test_what_could_not_be_delivered_is_listed_and_sent_again(either_floor: Floor) -> None:
    floor = either_floor
    olga, store = floor.person("Olga", "admin"), floor.store
    assert "No events in the last week" in olga.page("/admin/webhooks")
    for number in range(3):
        claimed = LeadClaimed(f"L-{number}", "Ann", NOW, f"cl_{number}")
        store.write_now(Outbox(on=True).add, [claimed], NOW)
    leased = store.write_now(lease, NOW.timestamp(), 2)
    store.write_now(settle, [Attempt(one, "HTTP 503", None) for one in leased], NOW)

    assert "1 thing to look at" in olga.page("/admin")
    assert "2 events could not be delivered" in olga.page("/admin")
    shown = olga.page("/admin/webhooks?state=dead")
    assert "No webhook is set" in shown
    assert "all 3 given up 2 to be sent 1 sent 0" in shown
    assert len(re.findall(r"lead.claimed L-\d 10:00 given up 1 – HTTP 503 Send again", shown)) == 2

    form = re.search(r'name="event_id" value="(evt_\w+)"', olga.get("/admin/webhooks?state=dead").text)
    again = olga.act("/admin/webhooks/resend", event_id=form[1], back="/admin/webhooks?state=dead")
    assert "It is sent again" in again
    assert "given up 1 to be sent 2" in again
    assert "Every event was delivered or waits" in olga.act("/admin/webhooks/resend")
    assert "There is no such event." in olga.act("/admin/webhooks/resend", event_id="evt_0")
    assert "No problems found" in olga.page("/admin")


def test_many_events_come_page_by_page(floor: Floor) -> None:
    olga = floor.person("Olga", "admin")
    claims = [LeadClaimed(f"L-{number:02}", "Ann", NOW, f"cl_{number}") for number in range(51)]
    floor.store.write_now(Outbox(on=True).add, claims, NOW)
    first = olga.get("/admin/webhooks").text
    older = re.search(r'<a href="([^"]+)" rel="next">Older', first)[1].replace("&amp;", "&")
    assert [re.findall(r">(L-\d\d)<", page) for page in (first, olga.get(older).text)] == [
        [f"L-{number:02}" for number in range(50, 0, -1)],
        ["L-00"],
    ]
