"""Reasons in the reader's words: every kind of field has its template, and keeps the person's data as it is."""

from datetime import UTC, datetime, timedelta

import pytest

from features.lead import Value
from language.choice import use_language
from serving.pages.lines import reason_lines
from serving.pages.reason_words import PHRASES, label_of, reason_line
from training.model import Reason, ScoringModel

ARRIVED = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
WEEK = tuple(ARRIVED + timedelta(days=day) for day in range(-3, 5))
VALUES: dict[str, tuple[Value, ...]] = {
    "age": (41.5, 1_234_567.0, None),
    "job title": ("director", "astronaut", None),
    "newsletter": (True, False, None),
    "last_visit": (*WEEK, None),
    "message": ("please send a quote", "", None),
    "e-mail": ("ann@gmail.com", "ann@firm.example", "ann", None),
    "phone": ("+44 20 7946 0018", "020 7946 0018", None),
    "utm_source": ("search", None),
}
DATA = ("director", "astronaut", "search", "quote", "send", "please", "call", "looking", "just", "around", "me", "a")
LATIN = {*DATA, "UTC", "GB", "com", "example", ".com", ".example"}


@pytest.mark.parametrize("created_at", [ARRIVED, None])
def test_every_phrase_of_every_kind_is_known(model: ScoringModel, created_at: datetime | None) -> None:
    found = set()
    for place, field in enumerate(model.schema.arrival_fields):
        for column in range(len(model.encoder.encoders[place].columns)):
            for value in VALUES[field.name]:
                found.add(model.encoder.describe(place, column, value, created_at))
    assert len(found) > 20
    with use_language("ru"):
        for phrase in found:
            told = PHRASES.translate(phrase)
            latin = {
                word for word in told.replace("«", " ").replace("»", " ").split() if word.isascii() and word.isalpha()
            }
            assert latin <= LATIN, f"{phrase} → {told}"


@pytest.mark.parametrize(
    ("field", "sentence", "english", "russian"),
    [
        (
            "job_title",
            "Job title is Director: raises the score most",
            "Job title: Director · raises the score most",
            "Job title: Director — сильнее всего повышает оценку",
        ),
        (
            "job_title",
            "Job title is missing: lowers the score",
            "Job title: not given · lowers the score",
            "Job title: не указано — снижает оценку",
        ),
        (
            "job_title",
            "Job title is Owner: a shop: raises the score",
            "Job title: Owner: a shop · raises the score",
            "Job title: Owner: a shop — повышает оценку",
        ),
        (
            "first_visit_at",
            "First visit at is 21 days before arrival: lowers the score",
            "First visit: 21 days before arrival · lowers the score",
            "First visit: за 21 день до поступления — снижает оценку",
        ),
        (
            "created_at",
            "Created at is on a Saturday: lowers the score",
            "Arrived on a Saturday · lowers the score",
            "Поступил в субботу — снижает оценку",
        ),
        (
            "crm_record",
            "Crm record contains old: raises the score",
            "CRM record: contains ‘old’ · raises the score",
            "CRM record: есть слово „old“ — повышает оценку",
        ),
    ],
)
def test_a_reason_reads_as_a_sentence(field: str, sentence: str, english: str, russian: str) -> None:
    reason = Reason(field, 0.4, sentence)
    assert reason_line(reason).sentence == english
    with use_language("ru"):
        assert reason_line(reason).sentence == russian


def test_a_sentence_of_an_older_version_stays_as_it_is() -> None:
    reason = Reason("job_title", -0.4, "the title speaks against it")
    with use_language("ru"):
        assert reason_line(reason).sentence == "the title speaks against it"
        assert label_of(reason) == "job_title"


def test_that_a_field_was_not_given_is_never_among_the_reasons() -> None:
    missing = Reason("campaign", 0.9, "Campaign is missing: raises the score most")
    others = [Reason(name, 0.4, f"{name.title()} is x: raises the score") for name in ("one", "two", "three", "four")]
    told = [line.sentence for line in reason_lines([missing, *others], 3)]
    assert told == [f"{name}: x · raises the score" for name in ("One", "Two", "Three")]
