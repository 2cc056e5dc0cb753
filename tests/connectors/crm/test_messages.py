"""Each CRM's messages: verified by what its documentation publishes, read, and refused by what is wrong with them."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.crm.crms import CRMS, make_crm
from connectors.crm.errors import CrmRefused, MessageBroken, NotGenuine
from connectors.crm.forms import parse_form
from connectors.crm.hubspot import sign
from connectors.crm.safe_xml import parse_xml
from tests.connectors.crm.messages import (
    HOOKS,
    SECRET,
    bitrix_body,
    connection,
    dynamics_body,
    hubspot_body,
    hubspot_event,
    hubspot_headers,
    kommo_body,
    message,
    pipedrive_body,
    salesforce_body,
)

GUID = "6d81597f-0f9f-4711-8122-000d3aa2331c"


@pytest.fixture(autouse=True)
def _secrets(monkeypatch):
    monkeypatch.setenv("CRM_SECRET", SECRET)


def test_hubspot_s_published_vector_gives_its_signature():
    """Of the test of HubSpot's own client for Python (hubspot-api-python, tests/spec/utils/test_signature.py)."""
    signature = sign(
        "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
        "POST",
        "https://www.example.com/webhook_uri",
        b"{'example_field':'example_value'}",
        "15000000",
    )

    assert signature == "HPW73RUtKmcYoEDADG0s6MmGFWUzWJKAW07r8RDgcQw="


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"secret": "another"}, "signature is not of this address"),
        ({"at": 0.0}, "more than 5 minutes ago"),
        ({"url": HOOKS + "/other"}, "signature is not of this address"),
    ],
)
def test_hubspot_s_requests_are_refused_that_are_old_or_signed_otherwise(change, why):
    body = hubspot_body(hubspot_event(1))
    headers = hubspot_headers(**{"url": HOOKS, "body": body, **change})

    with pytest.raises(NotGenuine, match=why):
        make_crm(connection("hubspot")).verify(message(body, headers=headers))


def test_hubspot_s_address_behind_a_proxy_is_the_one_that_crm_toml_names():
    body, url = hubspot_body(hubspot_event(1)), "https://leads.example/v1/hooks/hubspot"
    crm = make_crm(connection("hubspot", url=url))

    crm.verify(message(body, headers=hubspot_headers(url, body)))
    with pytest.raises(NotGenuine, match=r"headers .* are missing"):
        crm.verify(message(body))


def test_hubspot_s_events_of_our_objects_alone_are_read():
    events = [
        hubspot_event(1),
        hubspot_event(2, "deal.creation"),
        hubspot_event(3, "object.creation", objectTypeId="0-1"),
        hubspot_event(4, "object.creation", objectTypeId="0-3"),
        hubspot_event(5, "contact.propertyChange", propertyName="lead_score"),
        hubspot_event(6, "contact.privacyDeletion"),
        hubspot_event(7, portalId=1),
    ]
    crm = make_crm(connection("hubspot", account="62515", score={"score": "lead_score"}))

    notices = crm.read_notices(message(hubspot_body(*events)))
    assert [(one.kind, one.record_id) for one in notices] == [("changed", "1"), ("changed", "3"), ("deleted", "6")]
    assert notices[0].happened_at.isoformat() == "2026-02-25T06:13:20+00:00"


def test_hubspot_s_merges_go_into_what_is_left():
    event = hubspot_event(9, "contact.merge", primaryObjectId=5, mergedObjectIds=[6, 7], newObjectId=9)

    notices = make_crm(connection("hubspot")).read_notices(message(hubspot_body(event)))
    assert [(one.kind, one.record_id, one.into) for one in notices] == [
        ("merged", "6", "9"),
        ("merged", "7", "9"),
        ("merged", "5", "9"),
        ("changed", "9", None),
    ]


@pytest.mark.parametrize(
    ("event", "kind"),
    [("ONCRMLEADADD", "changed"), ("ONCRMLEADUPDATE", "changed"), ("ONCRMLEADDELETE", "deleted"), ("ONCRMDEALADD", "")],
)
def test_bitrix24_s_events_are_read_under_the_application_s_token(event, kind):
    crm = make_crm(connection("bitrix24"))
    sent = message(bitrix_body(1000983, event))

    crm.verify(sent)
    assert [(one.kind, one.record_id) for one in crm.read_notices(sent)] == ([(kind, "1000983")] if kind else [])
    with pytest.raises(NotGenuine, match="application_token"):
        crm.verify(message(bitrix_body(1, token="another")))


def test_amocrm_s_forms_of_several_leads_are_read():
    crm = make_crm(connection("kommo"))
    sent = message(kommo_body(("add", 5), ("status", 6), ("delete", 7)), secret=SECRET)

    crm.verify(sent)
    assert [(one.kind, one.record_id) for one in crm.read_notices(sent)] == [
        ("changed", "5"),
        ("changed", "6"),
        ("deleted", "7"),
    ]


def test_pipedrive_s_webhooks_carry_the_deal_and_its_password():
    crm = make_crm(connection("pipedrive"))
    basic = base64.b64encode(f"pipedrive:{SECRET}".encode()).decode()
    sent = message(
        pipedrive_body({"id": 3, "status": "won", "custom_fields": {"3a1f": "CEO"}}),
        headers={"authorization": f"Basic {basic}"},
    )

    crm.verify(sent)
    (notice,) = crm.read_notices(sent)
    assert (notice.record["3a1f"], notice.record["status"]) == ("CEO", "won")
    assert [one.kind for one in crm.read_notices(message(pipedrive_body({"id": 3}, "delete")))] == ["deleted"]
    merged = pipedrive_body({"id": 3}, "delete").replace(b'"attempt"', b'"merged_to_id": "9", "attempt"')
    assert [(one.kind, one.into) for one in crm.read_notices(message(merged))] == [("merged", "9")]


def test_salesforce_s_outbound_messages_are_read_and_acknowledged_in_soap():
    crm = make_crm(connection("salesforce", account="00D000000000001"))
    sent = message(salesforce_body({"Id": "00Q1", "Title": "R&amp;D <![CDATA[& more]]>", "Email": None}), secret=SECRET)

    crm.verify(sent)
    (notice,) = crm.read_notices(sent)
    assert notice.record == {"Id": "00Q1", "Title": "R&D & more", "Email": None}
    assert b"<Ack>true</Ack>" in crm.acknowledge().body
    with pytest.raises(NotGenuine, match="OrganizationId"):
        crm.verify(message(salesforce_body({"Id": "1"}, organization="00D999999999999"), secret=SECRET))


def test_dynamics_webhooks_name_the_record_and_how_it_changed():
    crm = make_crm(connection("dynamics"))
    sent = message(dynamics_body(GUID.upper()), headers={"x-leads-secret": SECRET})

    crm.verify(sent)
    (notice,) = crm.read_notices(sent)
    assert (notice.kind, notice.record_id, notice.record) == ("changed", GUID, None)
    assert notice.happened_at.isoformat() == "2026-02-25T06:13:20+00:00"
    assert [one.kind for one in crm.read_notices(message(dynamics_body(GUID, "Delete")))] == ["deleted"]
    assert crm.read_notices(message(dynamics_body(GUID, entity="contact"))) == []


@pytest.mark.parametrize(
    ("record_id", "told"),
    [("7) or (1 eq 1", "a GUID"), ("00000000-0000-0000-0000-000000000000", "which names one record")],
)
def test_dynamics_messages_without_one_record_s_id_are_refused(record_id, told):
    with pytest.raises(MessageBroken, match=told):
        make_crm(connection("dynamics")).read_notices(message(dynamics_body(record_id)))


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>'.encode("utf-16"),
        b"<a>&x;</a>",
        b"<a>",
        b"",
        b'<?xml version="1.0" encoding="no-such"?><a/>',
    ],
)
def test_xml_with_entities_of_its_own_or_broken_is_refused(body):
    with pytest.raises(MessageBroken, match="expected XML"):
        parse_xml(body)


@pytest.mark.parametrize("name", sorted(CRMS))
@given(
    body=st.binary(max_size=60) | st.sampled_from([b"[]", b"{}", b"[1]", b"a[b]=c&a=d", b"a[b]=1&a[b][c]=2", b"null"])
)
def test_whatever_is_sent_is_read_or_refused_as_broken(name, body):
    crm = make_crm(connection(name))
    with suppress(MessageBroken):
        assert all(notice.record_id for notice in crm.read_notices(message(body)))


@pytest.mark.parametrize("name", sorted(CRMS))
def test_without_the_secret_nothing_is_taken_and_it_is_not_told(name, monkeypatch):
    crm = make_crm(connection(name))
    body = {"bitrix24": bitrix_body(1, token=""), "salesforce": salesforce_body({"Id": "1"})}.get(name, b"{}")
    with pytest.raises(NotGenuine) as stranger:
        crm.verify(message(body, secret="wrong"))
    assert SECRET not in str(stranger.value)

    monkeypatch.delenv("CRM_SECRET")
    signed = hubspot_headers(HOOKS, body) if name == "hubspot" else {}
    with pytest.raises(CrmRefused, match=r"CRM_SECRET, which crm.toml names for a secret, is not set"):
        crm.verify(message(body, headers=signed))


def test_a_form_s_names_become_objects():
    assert parse_form(b"a[b][0][c]=1&a[b][1][c]=%C3%A9&d[]=x&d[]=&e=") == {
        "a": {"b": {"0": {"c": "1"}, "1": {"c": "é"}}},
        "d": {"0": "x", "1": ""},
        "e": "",
    }
    with pytest.raises(MessageBroken, match="at most 10 parts"):
        parse_form(b"a" + b"[b]" * 20 + b"=1")
