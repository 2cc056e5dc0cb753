"""crm.toml: what is accepted, and what each mistake is told."""

import pytest

from connectors.crm.config import check_connections, read_connections, read_secret
from connectors.crm.crms import CRMS
from connectors.crm.errors import CrmRefused
from connectors.crm.mapping import read_defaults
from connectors.crm.record import read_record, read_time
from tests.connectors.crm.messages import connection


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"a": {}}, "crm: is required"),
        ({"a": {"crm": "zoho"}}, "crm: Input should be 'generic'"),
        ({"a": {"crm": "hubspot", "secrets": "env:X"}}, "secrets: there is no such key"),
        ({"a": {"crm": "hubspot", "token": "pat-eu1-123"}}, "token: expected env:NAME or file:PATH"),
        ({"a": {"crm": "hubspot", "object": "tickets"}}, "object: accepted are contacts, deals, leads"),
        ({"a": {"crm": "hubspot", "write": True}}, r"write = true needs \[NAME.score\]"),
        ({"a": {"crm": "kommo", "endpoint": "http://kommo.example"}}, "begins with https://"),
        ({"A b": {"crm": "kommo"}}, "name has lower-case letters"),
        ({"a": {"crm": "kommo"}, "b": {"crm": "hubspot"}}, "may have the same ids: give one of them a prefix"),
        ({"a": 1}, "expected a table"),
    ],
)
def test_each_mistake_in_crm_toml_is_named(content, told):
    with pytest.raises(CrmRefused, match=told):
        check_connections(content)


def test_no_file_means_no_connection_and_a_broken_one_is_refused(tmp_path):
    assert read_connections(tmp_path / "crm.toml") == {}
    (tmp_path / "crm.toml").write_text("[a")
    with pytest.raises(CrmRefused, match="is not valid TOML"):
        read_connections(tmp_path / "crm.toml")


def test_a_secret_comes_from_the_environment_or_a_file(tmp_path, monkeypatch):
    monkeypatch.setenv("THE_TOKEN", " T \n")
    (tmp_path / "secret").write_text("F\n")
    assert (read_secret("env:THE_TOKEN"), read_secret(f"file:{tmp_path}/secret")) == ("T", "F")
    (tmp_path / "secret").write_text("")
    for reference in ("env:NOT_THERE", f"file:{tmp_path}/secret", f"file:{tmp_path}/none"):
        with pytest.raises(CrmRefused, match=r"which crm.toml names for a secret"):
            read_secret(reference)


@pytest.mark.parametrize("name", sorted(CRMS))
def test_each_crm_s_file_names_where_a_lead_s_facts_stand(name):
    defaults = read_defaults(name)

    assert defaults.object in defaults.objects
    for mapping in defaults.objects.values():
        assert mapping.created_at
        assert mapping.changed_at
        assert mapping.stage
        assert mapping.won


def test_a_record_is_read_by_the_crm_s_file_and_the_connection_s_own_keys():
    own = connection("hubspot", prefix="h-", won=["Paying"], fields={"Job": "jobtitle", "Seats": "seats"})
    record = read_record(
        {
            "hs_object_id": "51",
            "createdate": "2026-02-01T10:00:00.123Z",
            "lastmodifieddate": "1772000000000",
            "hs_analytics_source": "PAID_SEARCH",
            "lifecyclestage": " paying ",
            "hs_lifecyclestage_customer_date": "2026-02-20",
            "jobtitle": "",
            "seats": ["a", "b"],
        },
        own,
    )

    assert record.lead_id == "h-51"
    assert record.body == {
        "created_at": "2026-02-01T10:00:00.123000+00:00",
        "source": "PAID_SEARCH",
        "fields": {"Job": None, "Seats": "a, b"},
    }
    assert (record.status, record.closed_at.date().isoformat()) == ("won", "2026-02-20")
    assert "51" not in repr(own)


def test_a_field_that_is_usual_is_taken_away_by_an_empty_text():
    assert connection("hubspot", campaign="").mapping.campaign is None
    with pytest.raises(CrmRefused, match="id: "):
        connection("hubspot", id="")


def test_a_record_that_does_not_tell_its_stage_says_nothing_of_its_outcome():
    assert read_record({"id": 1}, connection("generic")).status is None
    assert read_record({"id": 1, "status": None}, connection("generic")).status == "open"


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (1_772_000_000, "2026-02-25T06:13:20+00:00"),
        ("1772000000000", "2026-02-25T06:13:20+00:00"),
        ("2026-02-25T09:13:20+03:00", "2026-02-25T06:13:20+00:00"),
        ("2026-02-25T06:13:20.000+0000", "2026-02-25T06:13:20+00:00"),
        ("2026-02-25 06:13:20", "2026-02-25T06:13:20+00:00"),
        ("soon", None),
        ("", None),
        (True, None),
        ("1e300", None),
    ],
)
def test_times_are_read_as_crms_write_them(raw, read):
    time = read_time(raw)

    assert (time and time.isoformat()) == read
