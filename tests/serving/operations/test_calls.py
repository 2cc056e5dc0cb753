"""Logging a call asks the store for no more than it takes."""

from sqlalchemy import event

from features.lead import Contact
from serving.operations.calls import Call, log_call
from serving.operations.leads import LeadOperations
from serving.settings import Settings
from serving.store import Connection, Store
from serving.store.outbox import NOBODY
from tests.serving.crm import NOW

OPERATIONS = LeadOperations(Settings().queue_rules, NOBODY)
WON = Call(Contact("L-1", NOW, "Ann", "phone", "out", connected=True), "won")


def test_a_call_is_looked_for_once_then_kept_and_a_new_one_is_counted(store: Store) -> None:
    first, again = _asked_of_contacts(store), _asked_of_contacts(store)
    assert first == ["SELECT", "INSERT", "SELECT"]
    assert again == ["SELECT", "INSERT"]


def _asked_of_contacts(store: Store) -> list[str]:
    """What logging a call does with the table of contacts, statement by statement."""
    statements: list[str] = []

    def log(connection: Connection) -> None:
        event.listen(connection, "before_cursor_execute", lambda *sent: statements.append(sent[2]))
        log_call(connection, OPERATIONS, WON, NOW)

    store.write_now(log)
    return [statement.split()[0] for statement in statements if "contacts" in statement]
