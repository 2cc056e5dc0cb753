"""Hooks of CRMs: stored before they are acknowledged; repeated, reordered and failing ones do no harm."""

import random
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from serving.store import StoreUnavailable, crm_notices, tables
from tests.connectors.crm.messages import (
    SECRET,
    bitrix_body,
    dynamics_body,
    hubspot_body,
    hubspot_event,
    kommo_body,
    pipedrive_body,
    salesforce_body,
)
from tests.connectors.crm.test_history import guid, lead_of
from tests.serving.conftest import wait_until
from tests.serving.hooked import Hooked, contact, hooked, milliseconds
from tests.serving.models import Models


@pytest.fixture
def any_hooks(model, database_url, tmp_path):
    """Once on each kind of database."""
    with hooked(model, database_url, tmp_path, writes=False) as found:
        yield found


@pytest.fixture(scope="module")
def service(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hooks")
    with hooked(model, f"sqlite:///{folder}/leads.db", folder, writes=False) as found:
        yield found


@pytest.fixture
def hooks(service: Hooked) -> Hooked:
    """On SQLite alone, where the database has no part in what is tested; as new."""
    service.clear()
    return service


def website(lead_id: str, **more) -> bytes:
    lead = {"id": lead_id, "job": "Director", "email": "ann@example.com", "age": 41}
    return hubspot_body({"lead": lead, "utm": {"source": "search"}, "created_at": "2026-02-01T10:00:00Z", **more})


def test_a_program_s_lead_is_stored_scored_and_queued_by_a_few_lines_of_toml(any_hooks: Hooked):
    any_hooks.tell("website", website("7"))

    lead = any_hooks.lead("w-7")
    assert (lead["source"], lead["fields"]["job title"], lead["fields"]["age"]) == ("search", "Director", 41)
    assert 0 < lead["score"]["probability"] < 1
    assert any_hooks.waiting() == ["w-7"]


def test_a_won_lead_of_a_program_leaves_the_queue_and_returns_when_it_is_open_again(hooks: Hooked):
    hooks.tell("website", website("7", changed_at="2026-02-02T10:00:00Z"))
    hooks.tell("website", website("7", changed_at="2026-02-03T10:00:00Z", status="won", value=900))
    assert hooks.lead("w-7")["outcome"]["status"] == "won"
    assert hooks.waiting() == []

    hooks.tell("website", website("7", changed_at="2026-02-04T10:00:00Z", status="contacted"))
    assert hooks.waiting() == ["w-7"]


def test_what_an_agent_recorded_stays_where_the_crm_s_stage_did_not_change(hooks: Hooked):
    hooks.tell("website", website("7", changed_at="2026-02-02T10:00:00Z", status="contacted"))
    hooks.client.put("/v1/leads/w-7/outcome", json={"status": "lost", "reason": "No budget"})
    hooks.tell("website", website("7", changed_at="2026-02-03T10:00:00Z", status="negotiation"))

    assert hooks.lead("w-7")["outcome"]["status"] == "lost"


def test_a_hundred_events_of_hubspot_are_one_request_to_it(any_hooks: Hooked):
    any_hooks.fake.records = {str(one): contact(one, age=str(20 + one % 50)) for one in range(100)}
    any_hooks.tell("hubspot", hubspot_body(*[hubspot_event(one) for one in range(100)]))

    assert len(any_hooks.waiting()) == 50  # a page
    assert len(any_hooks.client.get("/v1/queue?limit=200").json()["leads"]) == 100
    assert [request.path for request in any_hooks.fake.requests] == ["/crm/objects/2026-09/contacts/batch/read"]
    lead = any_hooks.lead("5")
    assert (lead["source"], lead["created_at"][:10], lead["fields"]["owner"]) == ("search", "2026-02-01", "7")


@pytest.mark.parametrize("fault", ["429 1", "500", "late", "half", "401", "schema"])
def test_a_fault_of_the_crm_loses_nothing(hooks: Hooked, fault, monkeypatch):
    monkeypatch.setattr(hooks.links, "timeout", 0.2)
    monkeypatch.setattr("connectors.crm.circuit_breaker.FIRST_REST", 0.05)
    monkeypatch.setattr("serving.webhooks.schedule.SCHEDULE", (0.05, 0.05))
    monkeypatch.setattr("serving.operations.crm_intake.wait_after", lambda *_: 0.05)
    hooks.fake.records, hooks.fake.faults = {"5": contact(5)}, [fault]
    hooks.tell("hubspot", hubspot_body(hubspot_event(5)))

    assert hooks.lead("5") is not None
    reads = [one for one in hooks.fake.requests if one.path.endswith("/read")]
    assert len(reads) == 2
    assert hooks.states() == {("hubspot", "done"): 1}


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("bitrix", "error QUERY_LIMIT_EXCEEDED"),
        ("bitrix", "error expired_token"),
        ("bitrix", "error SOMETHING_ELSE"),
        ("kommo", "503"),
        ("kommo", "401"),
        ("kommo", "schema"),
    ],
)
def test_nor_does_one_of_another(hooks: Hooked, name, fault, monkeypatch):
    monkeypatch.setattr("connectors.crm.circuit_breaker.FIRST_REST", 0.05)
    monkeypatch.setattr("serving.operations.crm_intake.wait_after", lambda *_: 0.05)
    hooks.fake.records, hooks.fake.faults = {"5": {"id": 5, "name": "A call", "post": "Director"}}, [fault]
    hooks.tell(name, bitrix_body(5) if name == "bitrix" else kommo_body(("add", 5)))

    assert hooks.lead(f"{name[0]}-5") is not None


@pytest.mark.parametrize("fault", ["", "429 1", "503", "401", "schema"])
def test_a_lead_that_dynamics_names_is_fetched_by_its_id_whatever_fails(hooks: Hooked, fault, monkeypatch):
    monkeypatch.setattr("connectors.crm.circuit_breaker.FIRST_REST", 0.05)
    monkeypatch.setattr("serving.operations.crm_intake.wait_after", lambda *_: 0.05)
    hooks.fake.records = {guid(5): lead_of("dynamics", 5, "Director", "won", "2026-02-20T10:00:00Z")}
    hooks.fake.faults = ["", fault]  # the token comes first
    hooks.tell("dynamics", dynamics_body(guid(5)))

    lead = hooks.lead(f"d-{guid(5)}")
    assert (lead["source"], lead["fields"]["job title"], lead["outcome"]["status"]) == ("search", "Director", "won")
    hooks.tell("dynamics", dynamics_body(guid(5), "Delete", at=1_792_000_000_000))
    assert hooks.lead(f"d-{guid(5)}") is None


def test_a_crm_that_is_away_is_left_alone_longer_each_time(hooks: Hooked, monkeypatch):
    hooks.fake.records, hooks.fake.faults = {"5": contact(5)}, ["500"] * 3
    hooks.links.breaker("hubspot").failures = 3
    hooks.send("hubspot", hubspot_body(hubspot_event(5)))
    wait_until(lambda: len(hooks.fake.requests) == 1)
    hooks.send("hubspot", hubspot_body(hubspot_event(6)))
    wait_until(lambda: len(hooks.store.read_now(crm_notices.find_troubles, "hubspot")) == 2)

    assert len(hooks.fake.requests) == 1
    with hooks.store.database.reading() as connection:
        next_at = connection.execute(select(tables.crm_notices.c.next_at)).scalars().all()
    assert min(next_at) - datetime.now(UTC).timestamp() == pytest.approx(40, abs=5)


def test_messages_of_every_order_and_repeated_end_with_what_the_crm_said_last(any_hooks: Hooked):
    bodies = [
        website("7", changed_at=f"2026-02-0{day}T10:00:00Z", status=status, value=day)
        for day, status in enumerate(["new", "won", "new", "lost", "won"], 1)
    ]
    for seed in range(3):
        shuffled = random.Random(seed).sample(bodies * 2, 10)  # noqa: S311
        for body in shuffled:
            any_hooks.send("website", body.replace(b'"7"', f'"{seed}"'.encode()))
    any_hooks.wait()

    for seed in range(3):
        lead = any_hooks.lead(f"w-{seed}")
        assert (lead["value"], lead["outcome"]["status"], lead["outcome"]["value"]) == (5, "won", 5)
    assert any_hooks.states() == {("website", "done"): 15}
    assert any_hooks.waiting() == []


def test_bitrix24_s_elements_are_fetched_in_one_batch(hooks: Hooked):
    item = {
        "id": 5,
        "createdTime": "2026-02-01T10:00:00+03:00",
        "stageId": "NEW",
        "sourceId": "WEB",
        "post": "Director",
    }
    hooks.fake.records = {"5": {**item, "fm": [{"typeId": "PHONE", "valueType": "WORK", "value": "+49 30 901820"}]}}
    hooks.tell("bitrix", bitrix_body(5))

    lead = hooks.lead("b-5")
    assert (lead["source"], lead["created_at"]) == ("WEB", "2026-02-01T07:00:00Z")
    assert (lead["fields"]["job title"], lead["fields"]["phone"]) == ("Director", "+49 30 901820")
    hooks.fake.records["5"] = {**item, "stageId": "CONVERTED", "opportunity": "950.50"}
    hooks.tell("bitrix", bitrix_body(5, "ONCRMLEADUPDATE"))
    assert (hooks.lead("b-5")["outcome"]["status"], hooks.lead("b-5")["outcome"]["value"]) == ("won", 950.5)


def test_salesforce_pipedrive_and_amocrm_bring_leads_by_the_same_hook(hooks: Hooked):
    record = {"Id": "00Q1", "CreatedDate": "2026-02-01T10:00:00.000Z", "LeadSource": "Web", "Title": "Director"}
    answer = hooks.send("salesforce", salesforce_body(record))
    assert (answer.headers["content-type"], b"<Ack>true</Ack>" in answer.content) == ("text/xml; charset=utf-8", True)
    deal = {"id": 3, "add_time": "2026-02-01T10:00:00Z", "title": "A call", "custom_fields": {"3a1f": "Director"}}
    hooks.send("pipedrive", pipedrive_body(deal))
    values = [{"field_id": 7, "field_name": "Job", "values": [{"value": "Director"}]}]
    lead = {"id": 9, "name": "A call", "created_at": 1_772_000_000, "status_id": 1, "custom_fields_values": values}
    hooks.fake.records = {"9": lead}
    hooks.send("kommo", kommo_body(("add", 9)))
    hooks.wait()

    assert [hooks.lead(one)["fields"]["job title"] for one in ("s-00Q1", "p-3", "k-9")] == ["Director"] * 3
    assert hooks.lead("s-00Q1")["source"] == "Web"
    assert sorted(hooks.waiting()) == ["k-9", "p-3", "s-00Q1"]


def test_a_person_who_is_deleted_in_the_crm_is_erased_and_no_late_message_brings_them_back(any_hooks: Hooked):
    early, late = milliseconds("2026-02-02T10:00:00+00:00"), milliseconds("2026-02-03T10:00:00+00:00")
    any_hooks.fake.records = {"5": contact(5)}
    any_hooks.tell("hubspot", hubspot_body(hubspot_event(5)))
    any_hooks.tell("hubspot", hubspot_body(hubspot_event(5, "contact.privacyDeletion", late)))
    assert any_hooks.lead("5") is None

    any_hooks.tell("hubspot", hubspot_body(hubspot_event(5, "contact.propertyChange", early)))
    assert any_hooks.lead("5") is None
    with any_hooks.store.database.reading() as connection:
        assert connection.execute(select(tables.crm_records.c.lead_id)).all() == []
        assert connection.execute(select(tables.crm_notices.c.record)).scalars().all() in ([], [None])
    any_hooks.tell("hubspot", hubspot_body(hubspot_event(5, "contact.restore", late + 1)))
    assert any_hooks.lead("5") is not None


def test_a_deletion_that_comes_late_does_not_erase_who_returned(hooks: Hooked):
    hooks.fake.records = {"5": contact(5, lastmodifieddate="2026-02-05T10:00:00Z")}
    hooks.tell("hubspot", hubspot_body(hubspot_event(5, "contact.restore")))
    hooks.tell("hubspot", hubspot_body(hubspot_event(5, "contact.deletion", milliseconds("2026-02-04T10:00:00+00:00"))))

    assert hooks.lead("5") is not None


def test_of_merged_leads_the_one_that_is_left_has_the_calls_and_the_outcome(any_hooks: Hooked):
    any_hooks.fake.records = {"5": contact(5), "6": contact(6)}
    any_hooks.tell("hubspot", hubspot_body(hubspot_event(5), hubspot_event(6)))
    any_hooks.client.post("/v1/leads/6/contacts", json={"started_at": "2026-02-02T10:00:00Z", "agent": "Ann"})
    any_hooks.client.put("/v1/leads/6/outcome", json={"status": "won", "value": 10})
    merge = hubspot_event(5, "contact.merge", primaryObjectId=5, mergedObjectIds=[6])
    del any_hooks.fake.records["6"]
    any_hooks.tell("hubspot", hubspot_body(merge))

    assert any_hooks.lead("6") is None
    left = any_hooks.lead("5")
    assert ([one["agent"] for one in left["contacts"]], left["outcome"]["status"]) == (["Ann"], "won")
    assert any_hooks.waiting() == []
    any_hooks.tell("hubspot", hubspot_body(merge))
    assert len(any_hooks.lead("5")["contacts"]) == 1


def test_a_field_that_changed_its_type_in_the_crm_is_left_out_rather_than_the_lead(hooks: Hooked):
    hooks.fake.records = {"5": contact(5, age="forty-one", createdate="2027-06-01T10:00:00Z")}
    hooks.tell("hubspot", hubspot_body(hubspot_event(5)))
    lead = hooks.lead("5")
    assert (lead["fields"]["age"], lead["fields"]["job title"], lead["created_at"]) == (None, "Director", None)

    hooks.fake.records = {"5": contact(5, age="41", lastmodifieddate="2026-02-02T10:00:00Z")}
    hooks.tell("hubspot", hubspot_body(hubspot_event(5, "contact.propertyChange")))
    assert (hooks.lead("5")["fields"]["age"], hooks.lead("5")["created_at"][:4]) == ("41", "2026")


def test_without_a_model_messages_wait_and_are_acknowledged(model, tmp_path, monkeypatch):
    monkeypatch.setattr("serving.operations.crm_intake.MODEL_SECONDS", 0.05)
    models = Models()
    with hooked(model, f"sqlite:///{tmp_path}/leads.db", tmp_path, models) as hooks:
        assert hooks.send("website", website("7")).status_code == 200
        wait_until(lambda: bool(hooks.store.read_now(crm_notices.find_troubles, "website")))
        models.versions["1"], models.champion = model, "1"
        hooks.wait()
        assert hooks.lead("w-7") is not None


def test_nothing_is_acknowledged_that_cannot_be_stored(hooks: Hooked, monkeypatch):
    async def away(*_):
        raise StoreUnavailable

    monkeypatch.setattr(type(hooks.store), "write", away)
    answer = hooks.send("salesforce", salesforce_body({"Id": "1"}))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert b"Ack" not in answer.content


@pytest.mark.parametrize(
    ("name", "body", "status", "told"),
    [
        ("nobody", b"{}", 404, "no such connection"),
        ("website", b"{", 422, "expected JSON"),
        ("website", b"[]", 422, "a list of 1 to 1,000"),
        ("website", b'{"lead": {"id": " "}}', 422, "expected lead.id"),
        ("website", b'{"lead": {"id": "a  b"}}', 422, "a record's id"),
        ("salesforce", b"<a/>", 422, "outbound message"),
        ("pipedrive", b"{}", 422, "version 2"),
        ("hubspot", b'{"a": 1}', 422, "a JSON list of events"),
        ("bitrix", bitrix_body(1, token="x"), 401, "application_token"),
        ("kommo", b"leads[add][0][id]=x", 422, "the lead's id"),
        ("website", b" " * 4_000_001, 413, "at most"),
    ],
)
def test_what_is_wrong_with_a_message_is_said_without_repeating_it(service, name, body, status, told):
    answer = service.send(name, body)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert told in answer.json()["detail"]


def test_another_secret_is_refused_and_a_key_does_not_help(service):
    answer = service.send("website", website("1"), secret="wrong")
    assert (answer.status_code, SECRET in answer.text) == (401, False)
    headers = {"authorization": f"Bearer {SECRET}"}
    assert service.send("website", website("1"), headers, secret="").status_code == 200


def test_who_guesses_a_secret_is_counted_by_address_and_takes_nothing_from_the_crm_s_rate(model, tmp_path):
    with hooked(model, f"sqlite:///{tmp_path}/leads.db", tmp_path, max_rate=0.25) as hooks:
        guesses = [hooks.send("website", website("1"), secret="wrong") for _ in range(11)]
        genuine = [hooks.send("website", website("1")) for _ in range(2)]

    assert [answer.status_code for answer in guesses] == [401] * 10 + [429]
    assert [answer.status_code for answer in genuine] == [200, 429]
    assert (guesses[-1].headers["retry-after"], genuine[-1].headers["retry-after"]) == ("5", "4")


def test_a_message_that_cannot_be_read_counts_where_its_secret_is_right(model, tmp_path):
    with hooked(model, f"sqlite:///{tmp_path}/leads.db", tmp_path, max_rate=0.25) as hooks:
        assert [hooks.send("website", b"{").status_code for _ in range(2)] == [422, 429]


def test_a_secret_that_is_missing_is_the_operator_s_and_asks_the_crm_to_come_back(service, monkeypatch):
    monkeypatch.delenv("CRM_SECRET")
    answer = service.send("website", website("1"))

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "CRM_SECRET, which crm.toml names for a secret, is not set" in answer.json()["detail"]


def test_a_notice_that_is_refused_for_days_is_kept_and_can_be_retried(hooks: Hooked, monkeypatch):
    monkeypatch.setattr("serving.operations.crm_intake.wait_after", lambda *_: None)
    hooks.fake.records, hooks.fake.faults = {"5": contact(5)}, ["400"]
    hooks.send("hubspot", hubspot_body(hubspot_event(5)))
    hooks.wait()
    assert hooks.states() == {("hubspot", "dead"): 1}
    assert hooks.store.read_now(crm_notices.find_troubles, "hubspot") == [("5", "dead", "HTTP 400")]

    assert hooks.store.write_now(crm_notices.retry_dead, "hubspot", datetime.now(UTC)) == 1
    hooks.wait()
    assert hooks.lead("5") is not None
