"""What the name of a column says: its words out of `leadSource` or `Lead Source`, and what they speak of.

A name alone decides nothing; it is weighed together with what the column holds.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from features.schema_inference import vocabulary
from features.schema_inference.crm_catalogue import LATER, Export, Language, catalogue, languages_say

_MOMENTS = ("created_at", "at")
_HARMLESS = re.compile(
    r"(marital|employment|civil|residen\w+|housing|home|student|job|work|occupation\w*|immigration|citizenship|"
    r"family|relationship|health|smoking|credit|social|legal|tax|military|disability) (status|owner)"
    r"|reason (for|of|to) \w+|(inquiry|enquiry|visit|contact|call|interest|request|purchase) reason"
    r"|contract (type|length|term)|payment (method|type|terms?)|last name"
)


def end_word(name: str) -> str | None:
    """The word by which a name speaks of the end of a lead, or of what sales did with it."""
    words = vocabulary.normalise_name(name).split()
    if _HARMLESS.search(vocabulary.normalise_name(name)) or set(words).intersection(vocabulary.BEFORE_WORDS):
        return None
    telling = vocabulary.END_WORDS + vocabulary.WORK_WORDS
    return next((word for word in words if word in telling), None)


def end_is_harmless(name: str) -> bool:
    """Whether a name speaks of a state that is not the lead's, such as marital status."""
    return bool(_HARMLESS.search(vocabulary.normalise_name(name)))


def is_counter(name: str) -> bool:
    """Whether a name speaks of how many or how long."""
    return _has_word(name, vocabulary.COUNT_WORDS)


def counts_contacts(name: str) -> bool:
    """Whether a name counts calls, mails or other contacts with a lead."""
    return is_counter(name) and _has_word(name, vocabulary.CONTACT_WORDS)


def is_planned(name: str) -> bool:
    """Whether a date after the arrival may be known at the arrival, or is no date of the lead at all."""
    return _has_word(name, vocabulary.PLANNED_WORDS) and end_word(name) is None


def is_time(name: str) -> bool:
    """Whether a name speaks of a moment, in any language."""
    said = vocabulary.normalise_name(name)
    return (
        _has_word(name, vocabulary.TIME_WORDS)
        or is_called_arrival(name)
        or any(language.export.place(role, said) is not None for language in catalogue().languages for role in _MOMENTS)
    )


def is_called_arrival(name: str) -> bool:
    """Whether a name in English says that it is when the lead came; "date" alone may."""
    return vocabulary.normalise_name(name) in catalogue().plain["created_at"]


def is_code(name: str) -> bool:
    """Whether a name ends in a word for a key, such as id."""
    return bool({vocabulary.normalise_name(name).rpartition(" ")[2]}.intersection(vocabulary.CODE_WORDS))


def is_postal(name: str) -> bool:
    """Whether a name speaks of a postal code."""
    return _has_word(name, vocabulary.POSTAL_WORDS)


def is_phone(name: str) -> bool:
    """Whether a name speaks of a phone number."""
    return _has_word(name, vocabulary.PHONE_WORDS)


def is_owner(name: str) -> bool:
    """Whether a name is of whom a lead is given to, and of nothing that a lead may own."""
    words = set(vocabulary.normalise_name(name).split())
    return bool(words & vocabulary.OWNER_WORDS) and words <= vocabulary.BESIDE_OWNER


def is_closed_flag(name: str) -> bool:
    """Whether a name asks if the lead is closed, or active, and nothing else."""
    words = [word for word in vocabulary.normalise_name(name).split() if word not in vocabulary.OBJECT_WORDS | {"is"}]
    return bool(words) and vocabulary.CLOSED_WORDS.issuperset(words)


def is_stage(name: str) -> bool:
    """Whether a name speaks of how far a lead has come."""
    return _has_word(name, tuple(vocabulary.STAGE_WORDS))


def is_person(name: str) -> bool:
    """Whether a column holds the names of people."""
    return vocabulary.normalise_name(name) in catalogue().plain["person"]


def _has_word(name: str, words: tuple[str, ...]) -> bool:
    return not set(vocabulary.normalise_name(name).split()).isdisjoint(words)


_SHORT = 5
"""Letters up to which a stem may only begin a word; a longer one may end it, as in "Geschäftsinhaber"."""
_LIST = 1_000
"""Room for the places of one list before those of the next, less likely one."""
_ANY_CRM = frozenset({"id", "created_at", "outcome", "at", "source", "campaign"})
"""Roles that a header of any CRM may tell, where no CRM is recognised."""


@dataclass(frozen=True, eq=False)
class Lexicon:
    """The export that a table looks like, None where no CRM is recognised, and the languages of its headers."""

    export: Export | None
    languages: tuple[Language, ...]

    @classmethod
    def of(cls, columns: Iterable[str]) -> Self:
        listed = list(columns)
        return cls(catalogue().recognise(listed), catalogue().detect_languages(listed))

    def place(self, role: str, column: str) -> int | None:
        """How likely a column plays a role by its name, 0 the likeliest; None where the name does not say so."""
        tiers = [
            self._place_in_export(role, column),
            self._place_in_english(role, column),
            *self._places_in_languages(role, column),
        ]
        if self.export is None and role in _ANY_CRM:
            tiers.append(_best(export.place(role, column) for export in catalogue().exports))
        known_otherwise = self.export is not None and self.export.knows(column)
        if not known_otherwise and not any(place is not None for place in tiers) and self._speaks_of(role, column):
            tiers.append(0)
        return next((_LIST * tier + place for tier, place in enumerate(tiers) if place is not None), None)

    @staticmethod
    def _speaks_of(role: str, column: str) -> bool:
        """Whether a word of a name is the role's, as in "Primary Campaign Source"."""
        words = vocabulary.normalise_name(column).split()
        beside = vocabulary.BESIDE_WORDS | (vocabulary.OTHER_MONEY if role == "value" else frozenset())
        if role == "source" and Lexicon._speaks_of("campaign", column):
            return False
        return not beside.intersection(words) and any(
            word.startswith(stem) or (len(stem) > _SHORT and word.endswith(stem))
            for word in words
            for stem in vocabulary.STEMS.get(role, ())
        )

    def rank(self, role: str, column: str) -> int:
        """As `place`, with a last place for a name that does not say so."""
        place = self.place(role, column)
        return _LIST**2 if place is None else place

    def why_later(self, column: str) -> str | None:
        """Why a column is known later by its nature, as its name says; None where the name does not."""
        if self.export and self.export.place(LATER, column) is not None:
            return f"{self.export.crm} fills it in, or changes it, after a lead arrives"
        said = vocabulary.normalise_name(column)
        named = any(said in language.export.headers.get(LATER, {}) for language in self.languages)
        if named or is_owner(column) or _holds_one_of(said, self.says("later_within")):
            return f"what is called {column} is filled in, or changed, after a lead arrives"
        if self.export is None and (crm := catalogue().only_later.get(said)):
            return f"{crm} has a column of that name, and fills it in, or changes it, after a lead arrives"
        return None

    def is_another_moment(self, column: str, role: str) -> bool:
        """Whether the recognised CRM fills a column of that name in later, and not as the moment of this role."""
        export = self.export
        return export is not None and export.place(role, column) is None and export.place(LATER, column) is not None

    def is_known_otherwise(self, column: str, role: str) -> bool:
        """Whether the recognised CRM has a column of that name, and not for this role."""
        return self.export is not None and self.export.place(role, column) is None and self.export.knows(column)

    def is_person(self, column: str) -> bool:
        return self._is_called("person", column) or is_person(column)

    def is_phone(self, column: str) -> bool:
        return self._is_called("phone", column) or is_phone(column)

    def is_company(self, column: str) -> bool:
        return self._is_called("company", column)

    def says(self, key: str) -> frozenset[str]:
        """The words of the table's languages for a thing."""
        return languages_say(self.languages, key)

    def end_word(self, column: str) -> str | None:
        """The word by which a name speaks of the end of a lead in one of the table's languages."""
        if word := end_word(column):
            return word
        ends = self.says("ends")
        return next((word for word in vocabulary.normalise_name(column).split() if word in ends), None)

    def is_code(self, column: str) -> bool:
        """Whether a name ends in a word for a key, or calls the lead's in one of the table's languages."""
        words = vocabulary.normalise_name(column).split()
        codes = self.says("codes")
        return is_code(column) or bool(words and codes.intersection({words[0], words[-1]}))

    def _place_in_export(self, role: str, column: str) -> int | None:
        return None if self.export is None else self.export.place(role, column)

    @staticmethod
    def _place_in_english(role: str, column: str) -> int | None:
        accepted = catalogue().plain.get(role, ())
        return next((accepted.index(said) for said in vocabulary.spellings(column) if said in accepted), None)

    def _places_in_languages(self, role: str, column: str) -> list[int | None]:
        return [_best(language.export.place(role, column) for language in self.languages)]

    def _is_called(self, role: str, column: str) -> bool:
        told: Sequence[Export] = [*filter(None, (self.export,)), *(language.export for language in self.languages)]
        return any(vocabulary.normalise_name(column) in export.headers.get(role, {}) for export in told)


def _holds_one_of(said: str, phrases: Iterable[str]) -> bool:
    """Whether a name has one of these phrases, or words that begin so, in it."""
    padded = f" {said}"
    return any(f" {phrase}" in padded or (len(phrase) > _SHORT and phrase in said) for phrase in phrases)


def _best(places: Iterable[int | None]) -> int | None:
    return min((place for place in places if place is not None), default=None)
