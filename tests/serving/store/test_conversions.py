"""The tables of exports, as the migration makes them on each kind of database."""

from sqlalchemy import inspect

from serving.store import Store
from serving.store.tables import conversions, exports


def test_the_migration_makes_the_tables_that_the_store_works_with(store: Store) -> None:
    with store.database.reading() as connection:
        there = inspect(connection)
        for table in (exports, conversions):
            columns = {column["name"]: column["nullable"] for column in there.get_columns(table.name)}
            indexes = {index["name"]: bool(index["unique"]) for index in there.get_indexes(table.name)}
            assert columns == {column.name: column.nullable for column in table.columns}
            assert indexes == {str(index.name): bool(index.unique) for index in table.indexes}
