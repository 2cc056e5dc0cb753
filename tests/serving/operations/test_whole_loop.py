"""The whole loop, over HTTP from end to end: a CRM's lead in, its worth to the ads, and what it came to."""

from datetime import timedelta

import pytest

from serving.operations.export_conversions import Asked, Exporter
from serving.store.outcomes import find_standing
from tests.connectors.ads.leads import platform
from tests.connectors.crm.messages import hubspot_body, hubspot_event
from tests.serving.conftest import wait_until
from tests.serving.crm import NOW, Clock
from tests.serving.hooked import Hooked, contact, hooked

ASKED = Asked()
MARGIN = 500.0
"""Of a won lead, by the ads.toml of the tests."""


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def hooks(model, database_url, tmp_path, clock):
    with hooked(model, database_url, tmp_path, clock=clock) as found:
        yield found


def test_a_lead_goes_from_the_crm_to_the_queue_to_the_ads_and_into_the_report(hooks: Hooked, clock):
    arrived = (NOW - timedelta(hours=2)).isoformat()
    hooks.fake.records = {"5": contact(5, createdate=arrived, lastmodifieddate=arrived, gclid="Cj0KCQ-1")}
    hooks.tell("hubspot", hubspot_body(hubspot_event(5)))
    score = hooks.lead("5")["score"]
    wait_until(lambda: hooks.fake.written.get("5", {}).get("lead_score") == round(100 * score["probability"], 1))

    claimed = hooks.client.post("/v1/queue/next", json={"agent": "Ann"}).json()
    assert claimed["lead"]["lead_id"] == "5"
    call = {"started_at": clock.now.isoformat(), "agent": "Ann", "connected": True}
    assert hooks.client.post("/v1/leads/5/contacts", json=call).status_code == 201

    exporter = Exporter(hooks.store, "EUR", clock)
    ads = platform("google-data-manager")
    proposal, _ = exporter.write(ads, ASKED, lambda _: None)
    (first,) = proposal.plan.statements
    assert (first.kind, first.value) == ("new", round(MARGIN * score["probability"], 2))
    assert exporter.confirm(ads) == 1

    clock.now += timedelta(days=3)
    hooks.fake.records["5"] |= {"lifecyclestage": "customer", "lastmodifieddate": clock.now.isoformat()}
    won = hubspot_event(5, "contact.propertyChange", propertyName="lifecyclestage")
    hooks.tell("hubspot", hubspot_body(won, won))
    assert hooks.store.read_now(find_standing, ["5"])["5"].status == "won"
    assert hooks.waiting() == []

    clock.now += timedelta(hours=1)
    (restated,) = exporter.write(ads, ASKED, lambda _: None)[0].plan.statements
    assert (restated.kind, restated.value) == ("restate", MARGIN)
    assert exporter.write(ads, ASKED, lambda _: None)[0].plan.statements == ()

    clock.now += timedelta(days=1)
    wait_until(lambda: hooks.client.get("/v1/report").status_code == 200)
    (sent,) = hooks.client.get("/v1/report").json()["sent"]
    assert (sent["platform"], sent["conversions"], sent["changes"], sent["won"]) == ("google-data-manager", 1, 1, 1)
    assert (sent["value"], sent["value_now"]) == (first.value, MARGIN)
