"""Leads are found by what stands beside them for the search, whichever database it is."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, select, update

from serving.migrations import _config, migrate
from serving.store import Store, lead_search, leads, tables
from serving.store.lead_search import find_leads, search_text
from serving.store.leads import LeadFacts

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
COLUMNS = ("name", "company", "phone")
ADA: Mapping[str, Any] = {
    "name": "Ada Łovelace",
    "company": "100% Engines_Straße",
    "phone": "+49 (160) 123-45",
    "age": 41,
}


def facts(lead_id: str, fields: Mapping[str, Any]) -> LeadFacts:
    return LeadFacts(lead_id, None, None, None, None, fields)


def put(store: Store, **told: Mapping[str, Any]) -> None:
    """Leads by their ids, each a minute after the one before."""
    received = [
        (facts(lead_id, fields), NOW + timedelta(minutes=n)) for n, (lead_id, fields) in enumerate(told.items())
    ]
    store.write_now(leads.insert, received)


def found(store: Store, text: str, most: int = 30) -> list[str]:
    with store.database.reading() as connection:
        return find_leads(connection, text, COLUMNS, most)


@pytest.mark.parametrize("text", ["ŁOVELACE", "a ł", "100% e", "engines_", "STRASSE", "16012345", "160/123", "l-1"])
def test_case_accents_signs_and_spaces_do_not_hide_a_lead(store: Store, text: str) -> None:
    put(store, **{"L-1": ADA, "L-2": {"name": "Bo", "phone": "+49 170 000"}})
    assert found(store, text) == ["L-1"]


@pytest.mark.parametrize("text", ["1000 e", "engines-", "%", "_", "41"])
def test_signs_stand_for_themselves_alone_and_other_fields_are_not_looked_in(store: Store, text: str) -> None:
    put(store, **{"L-x": {"name": "Engines", "age": 41, "city": "1000 everywhere-41 100%_"}})
    assert found(store, text) == []


def test_a_phone_number_that_came_as_a_number_is_found(store: Store) -> None:
    put(store, **{"L-1": {"phone": 4_916_012_345}})
    assert found(store, "160 123") == ["L-1"]


def test_the_newest_come_first_and_no_more_than_asked_for(store: Store) -> None:
    put(store, **{f"L-{n}": {"name": "Ada"} for n in range(5)})
    assert found(store, "ada", most=2) == ["L-4", "L-3"]
    assert found(store, "L-1") == ["L-1"]


def test_only_the_newest_are_looked_through_but_any_is_found_by_its_whole_id(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lead_search, "NEWEST", 2)
    put(store, **{f"L-{n}": {"name": "Ada"} for n in range(4)})
    assert found(store, "ada") == ["L-3", "L-2"]
    assert found(store, "L-0") == ["L-0"]


def test_a_lead_is_found_by_what_it_says_now(store: Store) -> None:
    put(store, **{"L-1": {"name": "Ada"}})
    store.write_now(leads.overwrite, [(facts("L-1", {"name": "Grace"}), NOW)])
    assert (found(store, "ada"), found(store, "grace")) == ([], ["L-1"])


def test_nothing_of_an_erased_person_is_left_to_be_found(store: Store) -> None:
    put(store, **{"L-1": ADA})
    assert any("łovelace" in text for text in texts(store))
    store.write_now(leads.erase, "L-1", NOW)
    assert texts(store) == []
    assert found(store, "ada") == []


def test_the_text_of_any_lead_fits_into_an_index(store: Store) -> None:
    wide = {f"field {n}": f"{chr(0x4E00 + n) * 30}{n}" for n in range(500)}
    put(store, **{"漢" * 200: {"name": "Ada", **wide}, "L-0": {"notes": "Ada " * 100}})
    assert found(store, "ada") == ["漢" * 200]
    longest = max(len(text.encode()) for text in texts(store))
    assert lead_search.MOST_BYTES - 3 < longest <= lead_search.MOST_BYTES


def test_the_migration_fills_in_what_stored_leads_are_found_by(store: Store) -> None:
    put(store, **{"L-1": ADA, "L-2": {"name": "Bo"}})
    before = texts(store)
    config = _config()
    with store.database.migrating() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "013")
    migrate(store.database)
    assert texts(store) == before == [search_text("L-1", ADA), search_text("L-2", {"name": "Bo"})]
    assert found(store, "ada") == ["L-1"]


def test_a_search_reads_the_fields_of_none_but_those_it_may_show(store: Store) -> None:
    put(store, **{"L-1": ADA, "L-2": {"name": "Bo"}})

    def forget(connection: Connection) -> None:
        connection.execute(update(tables.leads).values(search_text=""))

    store.write_now(forget)
    assert found(store, "ada") == []


def texts(store: Store) -> list[str]:
    with store.database.reading() as connection:
        return [*connection.scalars(select(tables.leads.c.search_text).order_by(tables.leads.c.lead_id))]
