"""Scores in the CRMs' own fields: the newest one of each lead, once it is there, whatever fails meanwhile."""

import pytest

from connectors.crm.crm import WrittenScore
from serving.store import outbox
from tests.connectors.crm.messages import (
    bitrix_body,
    dynamics_body,
    hubspot_body,
    hubspot_event,
    kommo_body,
    pipedrive_body,
    salesforce_body,
)
from tests.serving.conftest import wait_until
from tests.serving.hooked import Hooked, contact, hooked
from tests.serving.models import Models

GUID = "6d81597f-0f9f-4711-8122-000d3aa2331c"


@pytest.fixture(scope="module")
def service(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hooks")
    with hooked(model, f"sqlite:///{folder}/leads.db", folder) as found:
        yield found


@pytest.fixture
def hooks(service: Hooked) -> Hooked:
    """On SQLite alone, where the database has no part in what is tested; as new."""
    service.clear()
    return service


def written(hooks: Hooked, record_id: str) -> dict:
    wait_until(lambda: record_id in hooks.fake.written)
    return hooks.fake.written[record_id]


def events(hooks: Hooked) -> list[tuple[str, str | None]]:
    return [(event.state, event.trouble) for event in hooks.store.read_now(outbox.find_events)]


def percent(hooks: Hooked, lead_id: str) -> float:
    return round(100 * hooks.lead(lead_id)["score"]["probability"], 1)


def test_hubspot_shows_the_score_its_grade_the_top_reason_and_a_link(hooks: Hooked):
    hooks.fake.records = {"5": contact(5)}
    hooks.tell("hubspot", hubspot_body(hubspot_event(5)))

    assert written(hooks, "5") == {
        "lead_score": percent(hooks, "5"),
        "lead_grade": hooks.lead("5")["score"]["grade"],
        "lead_reason": hooks.lead("5")["score"]["reasons"][0]["sentence"],
        "lead_link": "https://leads.example/leads/5",
    }


def test_each_crm_s_own_fields_are_written(hooks: Hooked):
    hooks.fake.records = {"5": {"id": 5, "post": "Director", "custom_fields_values": []}}
    hooks.tell("bitrix", bitrix_body(5))
    assert written(hooks, "5") == {
        "ufCrmScore": str(percent(hooks, "b-5")),
        "ufCrmGrade": hooks.lead("b-5")["score"]["grade"],
    }
    hooks.fake.written.clear()
    hooks.tell("kommo", kommo_body(("add", 5)))
    assert written(hooks, "5") == {"9": percent(hooks, "k-5")}
    hooks.tell("pipedrive", pipedrive_body({"id": 3, "title": "A call"}))
    assert written(hooks, "3") == {"5c2e": percent(hooks, "p-3")}
    hooks.tell("salesforce", salesforce_body({"Id": "00Q1", "Title": "Director"}))
    assert written(hooks, "00Q1") == {
        "Score__c": percent(hooks, "s-00Q1"),
        "Grade__c": hooks.lead("s-00Q1")["score"]["grade"],
    }


def test_dynamics_shows_scores_in_its_own_table_and_in_columns_of_the_lead(hooks: Hooked):
    hooks.fake.records = {GUID: {"leadid": GUID, "jobtitle": "Director", "modifiedon": "2026-02-01T10:00:00Z"}}
    hooks.tell("dynamics", dynamics_body(GUID, "Create"))

    score = hooks.lead(f"d-{GUID}")["score"]
    assert written(hooks, f"score of {GUID}") == {
        "msdyn_score": round(percent(hooks, f"d-{GUID}")),
        "msdyn_grade": "ABCD".index(score["grade"]),
        "msdyn_scoretrend": 3,
    }
    assert written(hooks, GUID) == {"new_reason": score["reasons"][0]["sentence"]}


def test_a_lead_that_dynamics_deleted_is_not_made_anew_by_its_score(hooks: Hooked, monkeypatch):
    monkeypatch.setattr("serving.operations.crm_scores.wait_after", lambda *_: None)
    crm = hooks.links.crms["dynamics"]
    with crm.open_api() as api:
        troubles = crm.write_scores(api, [WrittenScore(GUID, 41.5, "B", "Director")])

    assert troubles == {GUID: "Dynamics 365 says HTTP 404"}
    assert hooks.fake.records == hooks.fake.written == {}


def test_a_lead_that_changed_is_written_anew_and_one_that_did_not_is_not(hooks: Hooked):
    hooks.fake.records = {"5": contact(5)}
    hooks.tell("hubspot", hubspot_body(hubspot_event(5)))
    before = written(hooks, "5")["lead_score"]
    hooks.fake.written.clear()
    hooks.tell("hubspot", hubspot_body(hubspot_event(5, "contact.propertyChange", propertyName="city")))
    hooks.fake.records["5"] |= {"jobtitle": "clerk", "lastmodifieddate": "2026-02-02T10:00:00Z"}
    hooks.tell("hubspot", hubspot_body(hubspot_event(5, "contact.propertyChange", propertyName="jobtitle")))

    assert written(hooks, "5")["lead_score"] == percent(hooks, "5") < before
    wait_until(lambda: [state for state, _ in events(hooks)] == ["sent", "sent"])


def test_a_promoted_model_s_scores_are_written(model, better, tmp_path):
    models = Models(model, better)
    models.champion = "1"
    with hooked(model, f"sqlite:///{tmp_path}/leads.db", tmp_path, models) as hooks:
        wait_until(lambda: hooks.client.get("/readyz").status_code == 200)
        hooks.fake.records = {"5": contact(5)}
        hooks.tell("hubspot", hubspot_body(hubspot_event(5)))
        before = written(hooks, "5")["lead_score"]
        models.champion = "2"
        wait_until(lambda: hooks.fake.written["5"]["lead_score"] > before)


@pytest.mark.parametrize("fault", ["429 1", "503", "late", "half", "401", "schema"])
def test_a_fault_while_writing_loses_no_score(hooks: Hooked, fault, monkeypatch):
    monkeypatch.setattr(hooks.links, "timeout", 0.2)
    monkeypatch.setattr("connectors.crm.circuit_breaker.FIRST_REST", 0.05)
    monkeypatch.setattr("serving.operations.crm_scores.wait_after", lambda *_: 0.05)
    hooks.fake.faults = ["", fault] if fault != "401" else ["", fault, ""]
    hooks.tell("salesforce", salesforce_body({"Id": "00Q1", "Title": "Director"}))
    wait_until(lambda: [state for state, _ in events(hooks)] == ["sent"])

    assert written(hooks, "00Q1")["Score__c"] == percent(hooks, "s-00Q1")


def test_a_token_of_salesforce_that_ran_out_is_asked_for_anew(hooks: Hooked):
    hooks.tell("salesforce", salesforce_body({"Id": "00Q1"}))
    written(hooks, "00Q1")
    hooks.fake.token = "another"
    hooks.tell("salesforce", salesforce_body({"Id": "00Q2"}))

    written(hooks, "00Q2")
    assert hooks.fake.tokens_given == 2


def test_what_a_crm_refuses_of_one_record_is_told_and_the_others_are_written(hooks: Hooked, monkeypatch):
    monkeypatch.setattr("serving.operations.crm_scores.wait_after", lambda *_: None)
    hooks.fake.refused = {"00Q1", "3"}
    hooks.tell("salesforce", salesforce_body({"Id": "00Q1"}, {"Id": "00Q2"}))
    hooks.tell("pipedrive", pipedrive_body({"id": 3, "title": "A call"}))
    written(hooks, "00Q2")
    wait_until(lambda: all(state != "waiting" for state, _ in events(hooks)))

    assert sorted(trouble for state, trouble in events(hooks) if state == "dead") == [
        "Pipedrive says HTTP 400",
        "Salesforce says ENTITY_IS_DELETED",
    ]
    hooks.fake.refused = set()
    (event,) = [one for one in hooks.store.read_now(outbox.find_events) if one.trouble and "Pipedrive" in one.trouble]
    assert hooks.client.post(f"/v1/webhooks/{event.event_id}/resend").json()["type"] == "crm.score"
    written(hooks, "3")


def test_one_record_that_a_rule_of_the_crm_refuses_does_not_spoil_its_batch(hooks: Hooked, monkeypatch):
    monkeypatch.setattr("serving.operations.crm_scores.wait_after", lambda *_: None)
    hooks.fake.records, hooks.fake.refused = {str(one): contact(one) for one in range(8)}, {"3"}
    hooks.tell("hubspot", hubspot_body(*[hubspot_event(one) for one in range(8)]))
    wait_until(lambda: sorted(state for state, _ in events(hooks)) == ["dead"] + ["sent"] * 7)

    assert sorted(hooks.fake.written) == [str(one) for one in range(8) if one != 3]
    assert ("dead", "HubSpot says HTTP 400") in events(hooks)


def test_a_score_s_field_that_kommo_cannot_have_is_told(hooks: Hooked, monkeypatch):
    monkeypatch.setattr("serving.operations.crm_scores.wait_after", lambda *_: None)
    monkeypatch.setitem(hooks.links.crms["kommo"].connection.mapping.score, "score", "price")
    hooks.fake.records = {"5": {"id": 5, "name": "A call"}}
    hooks.tell("kommo", kommo_body(("add", 5)))
    wait_until(lambda: [state for state, _ in events(hooks)] == ["dead"])

    assert "the fields of [kommo.score] are cf_ and the id of a field" in events(hooks)[0][1]


def test_a_crm_that_answers_in_another_shape_holds_up_no_other_and_is_given_up_in_the_end(hooks: Hooked, monkeypatch):
    monkeypatch.setattr("serving.operations.crm_scores.wait_after", lambda *_: None)
    monkeypatch.setattr("connectors.crm.salesforce.Salesforce.write_scores", lambda *_: [][1])
    hooks.tell("salesforce", salesforce_body({"Id": "00Q1"}))
    wait_until(lambda: [state for state, _ in events(hooks)] == ["dead"])
    assert "another shape than is known (IndexError)" in events(hooks)[0][1]
    hooks.tell("pipedrive", pipedrive_body({"id": 3, "title": "A call"}))
    written(hooks, "3")


def test_the_webhook_is_not_sent_what_is_for_crms_and_an_erased_lead_is_not_written(hooks: Hooked):
    hooks.fake.faults = ["429 60"]
    hooks.tell("pipedrive", pipedrive_body({"id": 3, "title": "A call"}))
    wait_until(lambda: events(hooks) == [("waiting", "HTTP 429")])
    assert hooks.store.read_now(outbox.is_due, 1e12) is False
    assert hooks.client.delete("/v1/leads/p-3").status_code == 204
    assert events(hooks) == []
