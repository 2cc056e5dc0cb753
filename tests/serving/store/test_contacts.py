"""A contact that is told again is the one that is there, however its agent's name is spelled."""

from dataclasses import replace

import pytest

from features.lead import Contact
from serving.store import Store, contacts, keys
from tests.serving.crm import NOW

CALL = Contact("L-1", NOW, "ann lee", "phone", "out", connected=True)


def tell(store: Store, contact: Contact) -> tuple[str, bool]:
    return store.write_now(contacts.add, contact, None, NOW)


@pytest.mark.parametrize("again", ["ann lee", "Ann Lee", "ann  lee"])
@pytest.mark.parametrize("key_is_made", ["before", "between", "never"])
def test_a_contact_is_kept_once_whenever_its_agent_got_a_key(store: Store, key_is_made: str, again: str) -> None:
    if key_is_made == "before":
        store.write_now(keys.create, "Ann Lee", "sales", NOW)
    first, is_new = tell(store, CALL)
    if key_is_made == "between":
        store.write_now(keys.create, "Ann Lee", "sales", NOW)

    assert is_new
    assert tell(store, replace(CALL, agent=again)) == (first, False)
    (kept,) = store.read_now(contacts.find_contacts, "L-1")
    assert kept.contact.agent == ("Ann Lee" if key_is_made == "before" else "ann lee")


@pytest.mark.parametrize(
    "other", [{"agent": "Ben"}, {"agent": None}, {"channel": "email"}, {"direction": "in"}, {"lead_id": "L-2"}]
)
def test_another_contact_at_the_same_time_is_another(store: Store, other: dict[str, str | None]) -> None:
    first, _ = tell(store, CALL)
    second, is_new = tell(store, replace(CALL, **other))

    assert is_new
    assert second != first


def test_a_contact_of_nobody_is_kept_once(store: Store) -> None:
    nobodys = replace(CALL, agent=None)
    first, _ = tell(store, nobodys)

    assert tell(store, nobodys) == (first, False)
