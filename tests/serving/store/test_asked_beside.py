"""A connection that a thread of its own asks."""

import threading

import pytest
from sqlalchemy import select

from serving.store import Connection, Store
from serving.store.tables import leads


def test_questions_are_answered_in_their_order_by_one_other_thread(store: Store) -> None:
    told: list[tuple[int, int]] = []
    with store.asking_beside() as beside:
        for number in range(5):
            answer = beside.ask(lambda _, asked: told.append((asked, threading.get_ident())), number)
        answer.result()
    assert [number for number, _ in told] == [0, 1, 2, 3, 4]
    assert len({thread for _, thread in told} - {threading.get_ident()}) == 1


def test_a_question_that_fails_is_told_to_who_asked_and_the_next_one_is_answered(store: Store) -> None:
    with store.asking_beside() as beside:
        wrong = beside.ask(_fail)
        right = beside.ask(lambda connection: connection.execute(select(leads.c.lead_id)).all())
        with pytest.raises(KeyError):
            wrong.result()
        assert right.result() == []


def test_what_was_not_begun_when_the_block_ends_is_dropped(store: Store) -> None:
    may_end = threading.Event()
    with store.asking_beside() as beside:
        beside.ask(lambda _: may_end.wait(10))
        dropped = beside.ask(_fail)
        threading.Timer(0.1, may_end.set).start()
    assert dropped.cancelled()


def _fail(_: Connection) -> None:
    raise KeyError
