"""What the names of a table's columns say, by the CRM that it looks like and the languages that it is in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from features.schema_inference import names, vocabulary
from features.schema_inference.catalogue import LATER, Export, Language, catalogue, languages_say

_ENGLISH = {
    "id": vocabulary.LEAD_ID,
    "created_at": vocabulary.CREATED_AT,
    "outcome": vocabulary.OUTCOME + vocabulary.OUTCOME_MAYBE,
    "at": vocabulary.OUTCOME_AT,
    "source": vocabulary.SOURCE,
    "campaign": vocabulary.CAMPAIGN,
    "value": vocabulary.VALUE,
    "person": vocabulary.PERSON,
}
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
        return cls(catalogue().recognise(listed), catalogue().speak(listed))

    def place(self, role: str, column: str) -> int | None:
        """How likely a column plays a role by its name, 0 the likeliest; None where the name does not say so."""
        tiers = [self._of_export(role, column), self._in_english(role, column), *self._in_languages(role, column)]
        if self.export is None and role in _ANY_CRM:
            tiers.append(_best(export.place(role, column) for export in catalogue().exports))
        if not any(place is not None for place in tiers) and self._speaks_of(role, column):
            tiers.append(0)
        return next((_LIST * tier + place for tier, place in enumerate(tiers) if place is not None), None)

    @staticmethod
    def _speaks_of(role: str, column: str) -> bool:
        """Whether a word of a name is the role's, as in "Primary Campaign Source"."""
        words = names.said(column).split()
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
            return f"{self.export.crm} fills it in, or changes it, while a lead is worked"
        said = names.said(column)
        named = any(said in language.export.headers.get(LATER, {}) for language in self.languages)
        if named or names.is_owner(column) or _holds_one_of(said, self.says("later_within")):
            return f"what is called {column} is filled in, or changed, while a lead is worked"
        if self.export is None and (crm := catalogue().only_later.get(said)):
            return f"{crm} has a column of that name, and fills it in, or changes it, while a lead is worked"
        return None

    def is_another_moment(self, column: str) -> bool:
        """Whether the recognised CRM has a column of that name, and not as the closing date."""
        export = self.export
        return export is not None and export.place("at", column) is None and export.place(LATER, column) is not None

    def is_person(self, column: str) -> bool:
        return self._is_exactly("person", column) or names.is_person(column)

    def is_company(self, column: str) -> bool:
        return self._is_exactly("company", column)

    def says(self, key: str) -> frozenset[str]:
        """The words of the table's languages for a thing."""
        return languages_say(self.languages, key)

    def end_word(self, column: str) -> str | None:
        """The word by which a name speaks of the end of a lead in one of the table's languages."""
        if word := names.end_word(column):
            return word
        ends = self.says("ends")
        return next((word for word in names.said(column).split() if word in ends), None)

    def is_code(self, column: str) -> bool:
        """Whether a name ends in a word for a key, or calls the lead's in one of the table's languages."""
        words = names.said(column).split()
        codes = self.says("codes")
        return names.is_code(column) or bool(words and codes.intersection({words[0], words[-1]}))

    def _of_export(self, role: str, column: str) -> int | None:
        return None if self.export is None else self.export.place(role, column)

    @staticmethod
    def _in_english(role: str, column: str) -> int | None:
        accepted = _ENGLISH.get(role, ())
        return next((accepted.index(said) for said in names.spellings(column) if said in accepted), None)

    def _in_languages(self, role: str, column: str) -> list[int | None]:
        return [_best(language.export.place(role, column) for language in self.languages)]

    def _is_exactly(self, role: str, column: str) -> bool:
        told: Sequence[Export] = [*filter(None, (self.export,)), *(language.export for language in self.languages)]
        return any(names.said(column) in export.headers.get(role, {}) for export in told)


def _holds_one_of(said: str, phrases: Iterable[str]) -> bool:
    """Whether a name has one of these phrases, or words that begin so, in it."""
    padded = f" {said}"
    return any(f" {phrase}" in padded or (len(phrase) > _SHORT and phrase in said) for phrase in phrases)


def _best(places: Iterable[int | None]) -> int | None:
    return min((place for place in places if place is not None), default=None)
