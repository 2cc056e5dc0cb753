"""What the names of a table's columns say, by the CRM that it looks like and the languages that it is in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from features.infer import names, vocabulary
from features.infer.catalogue import LATER, Export, Language, catalogue, languages_say

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
        return next((_LIST * tier + place for tier, place in enumerate(tiers) if place is not None), None)

    def rank(self, role: str, column: str) -> int:
        """As `place`, with a last place for a name that does not say so."""
        place = self.place(role, column)
        return _LIST**2 if place is None else place

    def is_known_later(self, column: str) -> str | None:
        """Who says by a column's name that it is known later by its nature, such as "HubSpot"; None: nobody."""
        if self.export and self.export.place(LATER, column) is not None:
            return self.export.crm
        told = (language.export for language in self.languages)
        return next((export.crm for export in told if names.said(column) in export.headers.get(LATER, {})), None)

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


def _best(places: Iterable[int | None]) -> int | None:
    return min((place for place in places if place is not None), default=None)
