"""A write that was stored shows that the store takes writes again, however its statement begins; a look does not."""

from sqlalchemy import text

from serving.store import Store

LOOK = "WITH made AS (SELECT 'a' AS name, 'b' AS value) SELECT name, value FROM made"
INSERT = (
    "WITH made AS (SELECT 'a' AS name, 'b' AS value) INSERT INTO secrets (name, value) SELECT name, value FROM made"
)


def test_only_what_changed_something_ends_the_trouble_of_writing(store: Store) -> None:
    database = store.database
    database.write_trouble = "the disk is full"
    with database.writing() as connection:
        connection.execute(text(LOOK)).all()
    assert database.write_trouble == "the disk is full"
    with database.writing() as connection:
        connection.execute(text(INSERT))
    assert database.write_trouble is None
