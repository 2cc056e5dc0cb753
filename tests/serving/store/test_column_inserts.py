"""Rows given as columns are stored as those that are given one by one, and have the ids that those have."""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import delete, select

from features.lead import Contact
from features.tables.fact_batches import batch_of, to_times
from serving.store import Store, tables
from serving.store.history.imported_rows import insert_contacts
from serving.store.ids import contact_id
from serving.store.moment_texts import iso_texts
from serving.store.row_inserts import insert_new, insert_new_columns, upsert_columns

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ODD = [
    datetime(1900, 1, 1, tzinfo=UTC),
    datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
    datetime(2026, 11, 2, 9, 30, 0, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    datetime(2199, 12, 31, 23, 59, 59, 500_000, tzinfo=UTC),
]
TEXTS = ["a", 'a "b"', "x\n,;\t", "é\u2028", r"\N", "'; --"]


def test_columns_are_stored_as_rows_are(store: Store) -> None:
    rows = [
        {
            "contact_id": f"c{place}",
            "lead_id": TEXTS[place],
            "started_at": at,
            "agent": TEXTS[-place],
            "connected": [None, True, False][place % 3],
            "duration_s": [None, 0.1, 1e-9, 3.0][place % 4],
            "again_at": None if place % 2 else at,
            "received_at": NOW,
        }
        for place, at in enumerate(ODD)
    ]
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    moments = ("started_at", "again_at", "received_at")
    columns |= {name: to_times(columns[name]) for name in moments}

    def put(connection) -> list[list[tuple]]:  # type: ignore[no-untyped-def]
        kept = []
        for insert in (
            lambda: insert_new(connection, tables.contacts, rows),
            lambda: insert_new_columns(connection, tables.contacts, columns),
        ):
            assert (insert(), insert()) == (len(rows), 0)
            kept.append([tuple(row) for row in connection.execute(select(tables.contacts))])
            connection.execute(delete(tables.contacts))
        return kept

    one_by_one, in_columns = store.write_now(put)
    assert in_columns == one_by_one
    assert len(in_columns) == len(rows)


def test_a_key_that_is_there_takes_the_columns_named(store: Store) -> None:
    def put(connection) -> list[tuple]:  # type: ignore[no-untyped-def]
        for amount, source in ((1.0, ["a", "b"]), (2.0, ["b", "c"])):
            days = [NOW.date()] * 2
            columns = {"date": days, "source": source, "campaign": [""] * 2, "amount": [amount] * 2}
            upsert_columns(connection, tables.spend, columns, ("amount",))
        return [tuple(row) for row in connection.execute(select(tables.spend.c.source, tables.spend.c.amount))]

    assert sorted(store.write_now(put)) == [("a", 1.0), ("b", 2.0), ("c", 2.0)]


def test_no_rows_are_no_statement(store: Store) -> None:
    columns: dict[str, list[str]] = {"date": [], "source": [], "campaign": [], "amount": []}
    assert store.write_now(lambda connection: insert_new_columns(connection, tables.spend, columns)) == 0


def test_contacts_have_the_ids_that_the_service_would_give_them(store: Store) -> None:
    told = [Contact(f"L-{text}", at, text, None, "in") for at, text in zip(ODD, TEXTS, strict=False)]
    facts = [
        {"lead_id": one.lead_id, "started_at": one.started_at, "agent": one.agent, "direction": "in"} for one in told
    ]
    stored = store.write_now(lambda connection: insert_contacts(connection, batch_of(facts, range(len(told))), NOW))
    assert stored == len(told)
    kept = store.read_now(lambda connection: connection.scalars(select(tables.contacts.c.contact_id)).all())
    assert {*kept} == {contact_id(one) for one in told}


def test_times_are_written_as_python_writes_them() -> None:
    assert iso_texts(to_times([*ODD, None])) == [*(at.astimezone(UTC).isoformat() for at in ODD), None]
