"""Keys that were used are noted, also where the store is away for a while."""

import asyncio
from datetime import timedelta

from serving.auth.key_uses import KeyUses, write_key_uses
from serving.store import Store, keys
from tests.serving.crm import NOW

AWAY = "postgresql://nobody@127.0.0.1:1/nothing"


async def write(uses: KeyUses, store: Store) -> None:
    """As a service does that ends at once."""
    async with write_key_uses(uses, store, lambda: NOW + timedelta(hours=1)):
        pass


def test_what_could_not_be_written_is_written_later(store: Store) -> None:
    key_id = keys.id_of(store.write_now(keys.create, "Ann", "sales", NOW))
    uses, away = KeyUses(), Store(AWAY)
    uses.note(key_id)
    with away.running():
        asyncio.run(write(uses, away))
    assert [key.last_used_at for key in store.read_now(keys.list_keys)] == [None]
    with store.running():
        asyncio.run(write(uses, store))
        asyncio.run(write(uses, store))
        assert [key.last_used_at for key in store.read_now(keys.list_keys)] == [NOW + timedelta(hours=1)]
