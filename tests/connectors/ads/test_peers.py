"""Bodies of APIs, taken by the platforms' own libraries."""

import json

import pytest
from facebook_business.adobjects.serverside.action_source import ActionSource
from facebook_business.adobjects.serverside.custom_data import CustomData
from facebook_business.adobjects.serverside.event import Event
from facebook_business.adobjects.serverside.user_data import UserData
from google.ads import datamanager_v1
from google.auth.credentials import AnonymousCredentials

from connectors.ads.config import AdsRefused
from connectors.ads.data_manager_api import DataManagerChannel
from tests.connectors.ads.leads import FIELDS, lead, outcome, platform, statements


def test_meta_s_own_library_makes_the_same_event_of_the_same_person():
    made = platform("meta")
    one = lead(fields={"meta_lead_id": "1234567890123456", "email": " A.b+c@Example.org", "phone": "+49 (30) 123-4567"})
    (event, *_) = json.loads(made.write(statements(made, one)))["data"]
    peer = Event(
        event_name="Lead",
        event_time=int(one.arrived.timestamp()),
        event_id="L-1.lead",
        action_source=ActionSource.SYSTEM_GENERATED,
        user_data=UserData(email=" A.b+c@Example.org", phone="+49 (30) 123-4567", lead_id="1234567890123456"),
        custom_data=CustomData(
            value=149.5, currency="EUR", custom_properties={"event_source": "crm", "lead_event_source": "OurCRM"}
        ),
    ).normalize()

    assert event["user_data"]["em"] == peer["user_data"]["em"]
    assert event["user_data"]["ph"] == peer["user_data"]["ph"]
    assert str(event["user_data"]["lead_id"]) == str(peer["user_data"]["lead_id"])
    assert event["custom_data"] | {"currency": "eur"} == peer["custom_data"] | {"currency": "eur"}
    assert {name: event[name] for name in ("event_name", "event_time", "event_id")} == {
        name: peer[name] for name in ("event_name", "event_time", "event_id")
    }
    assert event["action_source"] == peer["action_source"]


def test_google_s_own_message_classes_take_an_event_with_all_that_it_says():
    made = platform("google-data-manager", consent={"ad_user_data": "Granted"})
    channel = DataManagerChannel(made, AnonymousCredentials())
    body = channel.request(statements(made, lead()), validate_only=True)
    sent = json.loads(
        type(body).to_json(body, use_integers_for_enums=False, always_print_fields_with_no_presence=False)
    )

    (event,) = sent["events"]
    assert isinstance(body, datamanager_v1.IngestEventsRequest)
    assert (sent["validateOnly"], sent["encoding"]) == (True, "HEX")
    assert sent["destinations"][0]["operatingAccount"] == {"accountType": "GOOGLE_ADS", "accountId": "1234567890"}
    assert sent["destinations"][0]["productDestinationId"] == "42"
    assert (event["transactionId"], event["conversionValue"], event["currency"]) == ("L-1", 149.5, "EUR")
    assert event["eventTimestamp"] == "2026-10-24T12:00:00Z"
    assert event["lastUpdatedTimestamp"] == "2026-10-25T12:00:00Z"
    assert event["adIdentifiers"] == {"gclid": FIELDS["gclid"]}
    assert [*event["userData"]["userIdentifiers"][0]] == ["emailAddress"]
    assert event["userProperties"] == {"customerValueBucket": "HIGH"}
    assert (event["consent"], event["eventSource"]) == ({"adUserData": "CONSENT_GRANTED"}, "WEB")


def test_linkedin_has_user_ids_and_milliseconds_and_the_rule_s_urn():
    made = platform("linkedin")
    (event,) = json.loads(made.write(statements(made, lead())))["elements"]

    assert event["conversion"] == "urn:lla:llaPartnerConversion:104012"
    assert event["conversionHappenedAt"] == 1_792_843_200_000
    assert event["conversionValue"] == {"currencyCode": "EUR", "amount": "149.50"}
    assert [one["idType"] for one in event["user"]["userIds"]] == [
        "SHA256_EMAIL",
        "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID",
    ]


def test_tiktok_is_told_by_the_crm_s_event_set():
    made = platform("tiktok")
    sent = json.loads(made.write(statements(made, lead(outcome=outcome("won", 10.0)))))

    assert (sent["event_source"], sent["event_source_id"]) == ("crm", "E-1")
    assert [one["event"] for one in sent["data"]] == ["Lead", "Qualified", "Won"]
    assert sent["data"][0]["lead"] == {"lead_id": "7000000000000000001", "lead_event_source": "CRM"}
    assert sent["data"][2]["properties"] == {"value": 5.0, "currency": "EUR"}


@pytest.mark.parametrize("name", ["meta", "tiktok", "linkedin"])
def test_no_body_holds_a_person_s_data_in_clear(name):
    made = platform(name)
    text = made.write(statements(made, lead()))

    assert "ann" not in text.lower()
    assert '1234567"' not in text
    assert FIELDS["phone"] not in text


def test_a_platform_that_ads_toml_does_not_set_up_says_what_is_missing():
    with pytest.raises(AdsRefused, match=r"\[google-data-manager\]"):
        DataManagerChannel(platform("google-data-manager", google_data_manager={}), AnonymousCredentials())
