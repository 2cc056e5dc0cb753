"""What was tried with a lead and what became of it, in whatever order a CRM tells it."""

from datetime import timedelta

from serving.store import tables
from tests.serving.crm import Clock, Crm


def test_a_contact_told_twice_is_kept_once(crm: Crm) -> None:
    crm.put("L-1")

    first = crm.contact("L-1", agent="ann", channel="phone", connected=True, duration_s=90)
    again = crm.contact("L-1", agent="ann", channel="phone", connected=True, duration_s=90)

    assert (first["status_code"], again["status_code"]) == (201, 200)
    assert first["contact_id"] == again["contact_id"]
    assert len(crm.lead("L-1")["contacts"]) == 1
    assert crm.lead("L-1")["queue"]["attempts"] == 1


def test_a_contact_before_its_lead_counts_once_the_lead_is_there(crm: Crm, clock: Clock) -> None:
    crm.contact("L-1", agent="ann")
    crm.put("L-1")

    assert crm.lead("L-1")["queue"]["attempts"] == 1
    assert crm.waiting() == []
    clock.now += timedelta(hours=25)
    assert crm.waiting() == ["L-1"]


def test_contacts_in_the_wrong_order_leave_the_newest_to_decide(crm: Crm, clock: Clock) -> None:
    crm.put("L-1")
    back = clock.now + timedelta(days=3)
    crm.contact("L-1", agent="ann", again_at=back.isoformat())
    crm.contact("L-1", agent="bob", started_at=(clock.now - timedelta(hours=1)).isoformat())

    place = crm.lead("L-1")["queue"]
    assert (place["attempts"], place["agent"]) == (2, "ann")
    assert place["due_from"] == back.isoformat().replace("+00:00", "Z")


def test_a_lead_to_be_tried_again_comes_back_then(crm: Crm, clock: Clock) -> None:
    crm.put("L-1")
    crm.contact("L-1", agent="ann", again_at=(clock.now + timedelta(hours=2)).isoformat())

    assert crm.next("ann") is None
    clock.now += timedelta(hours=2)
    assert crm.next("ann") == "L-1"


def test_won_and_lost_leads_leave_the_queue(crm: Crm) -> None:
    crm.put("L-1")
    crm.put("L-2")
    crm.outcome("L-1", "won", value=990)
    crm.outcome("L-2", "lost", reason="price")

    assert crm.waiting() == []
    assert crm.lead("L-1")["outcome"]["value"] == 990
    assert crm.lead("L-2")["outcome"]["reason"] == "price"


def test_an_outcome_told_twice_stands_as_it_was(crm: Crm, clock: Clock) -> None:
    crm.put("L-1")
    first = crm.outcome("L-1", "won")
    clock.now += timedelta(hours=1)

    assert crm.outcome("L-1", "won") == first


def test_a_win_withdrawn_brings_the_lead_back(crm: Crm) -> None:
    crm.put("L-1")
    crm.outcome("L-1", "won")

    assert crm.outcome("L-1", "open")["status"] == "open"
    assert crm.waiting() == ["L-1"]


def test_withdrawing_what_was_never_said_changes_nothing(crm: Crm) -> None:
    crm.put("L-1")

    assert crm.outcome("L-1", "open")["reported_at"] is None
    assert crm.waiting() == ["L-1"]


def test_a_correction_replaces_what_was_said(crm: Crm) -> None:
    crm.put("L-1")
    crm.outcome("L-1", "won", at="2026-03-02T10:00:00Z", value=100)
    crm.outcome("L-1", "won", at="2026-03-01T10:00:00Z", value=120)

    said = crm.lead("L-1")["outcome"]
    assert (said["at"], said["value"]) == ("2026-03-01T10:00:00Z", 120)


def test_of_reports_in_the_wrong_order_the_one_known_last_stands(crm: Crm) -> None:
    crm.put("L-1")
    crm.outcome("L-1", "won", reported_at="2026-03-02T10:00:00Z")

    standing = crm.outcome("L-1", "lost", reported_at="2026-03-01T10:00:00Z")

    assert standing["status"] == "won"
    assert crm.lead("L-1")["outcome"]["status"] == "won"


def test_a_report_of_hours_ahead_counts_as_now_and_a_correction_stands(crm: Crm, clock: Clock) -> None:
    """As of a CRM that sends its local time without the zone."""
    crm.put("L-1")
    ahead = (clock.now + timedelta(hours=5, minutes=30)).replace(tzinfo=None).isoformat()
    won = crm.outcome("L-1", "won", at=ahead, reported_at=ahead)
    assert [warning.split(" lies ahead")[0] for warning in won["warnings"]] == ["at", "reported_at"]
    assert won["reported_at"] == won["at"] == clock.now.isoformat().replace("+00:00", "Z")
    clock.now += timedelta(minutes=1)
    lost = crm.outcome("L-1", "lost")
    assert (lost["status"], lost["warnings"]) == ("lost", [])
    assert crm.lead("L-1")["outcome"]["status"] == "lost"


def test_a_report_from_the_future_that_was_stored_before_is_corrected_too(crm: Crm, clock: Clock) -> None:
    crm.put("L-1")
    crm.outcome("L-1", "won")
    store = crm.service.store
    with store.database.writing() as connection:
        connection.execute(tables.outcomes.update().values(reported_at=clock.now + timedelta(hours=20)))
    clock.now += timedelta(minutes=1)
    assert crm.outcome("L-1", "lost")["status"] == "lost"


def test_the_answer_says_where_a_report_does_not_stand(crm: Crm, clock: Clock) -> None:
    crm.put("L-1")
    crm.outcome("L-1", "won")
    early = (clock.now - timedelta(hours=1)).isoformat()
    for status in ("lost", "open"):
        told = crm.outcome("L-1", status, reported_at=early)
        assert told["status"] == "won"
        assert "a later report says otherwise and stands" in told["warnings"][0]
    assert crm.outcome("L-2", "open")["warnings"] == []


def test_an_outcome_before_its_lead_keeps_the_lead_out_of_the_queue(crm: Crm) -> None:
    crm.outcome("L-1", "lost")
    crm.put("L-1")

    assert crm.lead("L-1")["outcome"]["status"] == "lost"
    assert crm.waiting() == []


def test_every_wrong_part_is_pointed_at(crm: Crm) -> None:
    answer = crm.client.post("/v1/leads/L-1/contacts", json={"started_at": "soon", "connected": "yes", "mood": "good"})

    assert answer.status_code == 422
    assert {fault["pointer"] for fault in answer.json()["errors"]} == {"/started_at", "/connected", "/mood"}
    assert "soon" not in answer.text


def test_what_lies_ahead_is_refused_for_it_would_stand_for_ever(crm: Crm, clock: Clock) -> None:
    ahead = (clock.now + timedelta(days=2)).isoformat()
    answers = {
        "/created_at": crm.client.put("/v1/leads/L-1", json={"created_at": ahead}),
        "/reported_at": crm.client.put("/v1/leads/L-1/outcome", json={"status": "lost", "reported_at": ahead}),
        "/at": crm.client.put("/v1/leads/L-1/outcome", json={"status": "won", "at": ahead}),
        "/started_at": crm.client.post("/v1/leads/L-1/contacts", json={"started_at": ahead}),
    }
    for pointer, answer in answers.items():
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)
