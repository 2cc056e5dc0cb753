"""What the name of a column says: its words out of `leadSource` or `Lead Source`, and what they speak of.

A name alone decides nothing; it is weighed together with what the column holds.
"""

import re
from functools import lru_cache

from features.schema_inference import vocabulary
from features.schema_inference.accents import without_accents

_WORD = re.compile(r"[^\W\d_]+|\d+")
_HUMP = re.compile(r"(?<=[a-zа-яё])(?=[A-ZА-ЯЁ])|(?<=[A-Z])(?=[A-Z][a-z])")
_CUSTOM = re.compile(r"__c$")
"""How Salesforce ends the name of a field that a company made itself."""
_HARMLESS = re.compile(
    r"(marital|employment|civil|residen\w+|housing|home|student|job|work|occupation\w*|immigration|citizenship|"
    r"family|relationship|health|smoking|credit|social|legal|tax|military|disability) (status|owner)"
    r"|reason (for|of|to) \w+|(inquiry|enquiry|visit|contact|call|interest|request|purchase) reason"
    r"|contract (type|length|term)|payment (method|type|terms?)|last name"
)


@lru_cache(maxsize=10_000)
def said(name: str) -> str:
    """The words of a name, in lower case, a blank between them."""
    apart = _HUMP.sub(" ", _CUSTOM.sub("", without_accents(name)))
    return " ".join(word.casefold() for word in _WORD.findall(apart))


@lru_cache(maxsize=10_000)
def spellings(name: str) -> tuple[str, ...]:
    """What a name says, as it stands and without the object before it: "opportunity stage" is a "stage"."""
    words = said(name).split()
    objects = vocabulary.OBJECT_WORDS
    start = next((place for place, word in enumerate(words) if word not in objects), len(words))
    return tuple(dict.fromkeys(filter(None, (" ".join(words), " ".join(words[start:])))))


def place_in(accepted: tuple[str, ...], name: str) -> int | None:
    """The place of a name in a list of the vocabulary; None when it is not in it."""
    words = said(name)
    return accepted.index(words) if words in accepted else None


def end_word(name: str) -> str | None:
    """The word by which a name speaks of the end of a lead, or of what sales did with it."""
    words = said(name).split()
    if _HARMLESS.search(said(name)) or set(words).intersection(vocabulary.BEFORE_WORDS):
        return None
    telling = vocabulary.END_WORDS + vocabulary.WORK_WORDS
    return next((word for word in words if word in telling), None)


def end_is_harmless(name: str) -> bool:
    """Whether a name speaks of a state that is not the lead's, such as marital status."""
    return bool(_HARMLESS.search(said(name)))


def is_counter(name: str) -> bool:
    """Whether a name speaks of how many or how long."""
    return _has_word(name, vocabulary.COUNT_WORDS)


def is_planned(name: str) -> bool:
    """Whether a date after the arrival may be known at the arrival, or is no date of the lead at all."""
    return _has_word(name, vocabulary.PLANNED_WORDS) and end_word(name) is None


def is_time(name: str) -> bool:
    """Whether a name speaks of a moment."""
    return _has_word(name, vocabulary.TIME_WORDS) or place_in(vocabulary.CREATED_AT, name) is not None


def is_code(name: str) -> bool:
    """Whether a name ends in a word for a key, such as id."""
    return bool({said(name).rpartition(" ")[2]}.intersection(vocabulary.CODE_WORDS))


def is_postal(name: str) -> bool:
    """Whether a name speaks of a postal code."""
    return _has_word(name, vocabulary.POSTAL_WORDS)


def is_phone(name: str) -> bool:
    """Whether a name speaks of a phone number."""
    return _has_word(name, vocabulary.PHONE_WORDS)


def is_owner(name: str) -> bool:
    """Whether a name is of whom a lead is given to, and of nothing that a lead may own."""
    words = set(said(name).split())
    return bool(words & vocabulary.OWNER_WORDS) and words <= vocabulary.BESIDE_OWNER


def is_closed_flag(name: str) -> bool:
    """Whether a name asks if the lead is closed, or active, and nothing else."""
    words = [word for word in said(name).split() if word not in vocabulary.OBJECT_WORDS | {"is"}]
    return bool(words) and vocabulary.CLOSED_WORDS.issuperset(words)


def is_stage(name: str) -> bool:
    """Whether a name speaks of how far a lead has come."""
    return _has_word(name, tuple(vocabulary.STAGE_WORDS))


def is_person(name: str) -> bool:
    """Whether a column holds the names of people."""
    return said(name) in vocabulary.PERSON


def _has_word(name: str, words: tuple[str, ...]) -> bool:
    return not set(said(name).split()).isdisjoint(words)
