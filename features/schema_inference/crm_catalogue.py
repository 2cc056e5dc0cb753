"""The CRMs and languages that are known, as the files of `crms/` say, and which of them wrote a table.

A CRM's file has one table an export, with `about`, `stages` and `headers` by form (the API's names, the app's names
in a language). A language's file says `generic = true` and has `words` as well. To add one is a file and a test.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from features.schema_inference import vocabulary

ROLES = (
    "id",
    "created_at",
    "outcome",
    "at",
    "source",
    "campaign",
    "value",
    "person",
    "company",
    "job",
    "phone",
    "email",
)
LATER, OTHER = "later", "other"
FOLDER = Path(__file__).parent / "crms"

_ENOUGH = ((4, 3.0, 0.0), (4, 1.5, 0.6), (6, 1.0, 0.75))
"""What is enough: so many known headers, of which so many are the CRM's own (one that n CRMs have counts 1/n), and this
share of all columns."""
_LEAST_TELLING = 0.4
"""The weight of headers that not any table may have, as it may have "status" and "price", though one CRM has both."""
_CLEAR = 1.1
"""By how much the likeliest CRM must lead the next."""
_LEAST_OF_LANGUAGE = 1.0

Headers = Mapping[str, Mapping[str, int]]
"""The place of each header, as `vocabulary.normalise_name` puts it, among those of its role."""


@dataclass(frozen=True, eq=False)
class Export:
    """One kind of export of a CRM, or what tables in one language hold."""

    crm: str
    about: str
    headers: Headers
    stages: Mapping[str, frozenset[str]]

    def roles_of(self, column: str) -> set[str]:
        return {role for role, places in self.headers.items() if self.place(role, column) is not None}

    def place(self, role: str, column: str) -> int | None:
        """The place of a column among the likely ones of a role; None where it is none of them."""
        places = self.headers.get(role, {})
        return next((places[said] for said in vocabulary.spellings(column) if said in places), None)

    def knows(self, column: str) -> bool:
        return any(self.place(role, column) is not None for role in self.headers)


@dataclass(frozen=True, eq=False)
class Language:
    """What tables in a language call things, and the words by which they say how a lead ended."""

    export: Export
    words: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Catalogue:
    """Every export that is known, and every language."""

    exports: tuple[Export, ...]
    languages: tuple[Language, ...]
    plain: Mapping[str, tuple[str, ...]]
    """What any table in English may call a column of each role, the likeliest name first."""

    @cached_property
    def plain_names(self) -> frozenset[str]:
        """Names that tell no CRM from another, and no language from English."""
        return frozenset(name for listed in self.plain.values() for name in listed)

    def recognise(self, columns: Sequence[str]) -> Export | None:
        """The export that these headers look like; None where no CRM is clearly ahead."""
        owners: Counter[str] = Counter()
        for headers in self._headers_by_crm().values():
            owners.update(headers)
        scored = []
        for export in self.exports:
            known = {said for column in columns if (said := _said_there(export, column))}
            weight = sum(1 / owners[said] for said in known)
            telling = sum(1 / owners[said] for said in known - self.plain_names)
            share = len(known) / len(columns)
            enough = any(len(known) >= number and weight >= own and share >= part for number, own, part in _ENOUGH)
            if enough and telling >= _LEAST_TELLING:
                scored.append((weight, len(known), export))
        scored.sort(key=lambda found: (found[0], found[1]), reverse=True)
        if not scored:
            return None
        weight, _, best = scored[0]
        rivals = [other for other, _, export in scored if export.crm != best.crm]
        return best if not rivals or weight >= _CLEAR * rivals[0] else None

    @cached_property
    def only_later(self) -> Mapping[str, str]:
        """Headers of several words that some CRM fills in later and none has at arrival, with that CRM's name.

        One word alone ("age", "score", "team") means other things in tables that no CRM wrote.
        """
        crm_of: dict[str, str] = {}
        at_arrival: set[str] = set()
        for export in self.exports:
            for role, places in export.headers.items():
                if role == LATER:
                    crm_of |= dict.fromkeys(places, export.crm)
                else:
                    at_arrival.update(places)
        return {said: crm for said, crm in crm_of.items() if " " in said and said not in at_arrival}

    def _headers_by_crm(self) -> dict[str, set[str]]:
        by_crm: dict[str, set[str]] = {}
        for export in self.exports:
            by_crm.setdefault(export.crm, set()).update(*export.headers.values())
        return by_crm

    def detect_languages(self, columns: Sequence[str]) -> tuple[Language, ...]:
        """The languages that the headers are in, the likeliest first; English is always among them."""
        shared = Counter(said for language in self.languages for said in _all_headers(language.export))
        told = {said for column in columns for said in vocabulary.spellings(column)} - self.plain_names
        weights = [
            sum(1 / shared[said] for said in told & _all_headers(language.export)) for language in self.languages
        ]
        least = max(_LEAST_OF_LANGUAGE, 0.5 * max(weights, default=0.0))
        spoken = [
            pair for pair in zip(weights, self.languages, strict=True) if pair[0] >= least or _is_english(pair[1])
        ]
        return tuple(language for _, language in sorted(spoken, key=lambda pair: -pair[0]))


def _is_english(language: Language) -> bool:
    return language.export.crm == "English"


def _said_there(export: Export, column: str) -> str:
    """What a column's name says where the export has it, nothing otherwise."""
    known = _all_headers(export)
    return next((said for said in vocabulary.spellings(column) if said in known), "")


def _all_headers(export: Export) -> set[str]:
    return {said for places in export.headers.values() for said in places}


@cache
def catalogue() -> Catalogue:
    """All files of `crms/`, read once."""
    exports: list[Export] = []
    languages: list[Language] = []
    plain: dict[str, tuple[str, ...]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        tables = [
            _export(content["name"], table)
            for key, table in content.items()
            if isinstance(table, dict) and key not in ("words", "plain")
        ]
        if content.get("generic"):
            words = {key: tuple(map(vocabulary.normalise_name, texts)) for key, texts in content["words"].items()}
            languages.append(Language(tables[0], words))
            plain |= {role: tuple(listed) for role, listed in content.get("plain", {}).items()}
        else:
            exports += tables
    return Catalogue(tuple(exports), tuple(languages), plain)


def _export(crm: str, table: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]]) -> Export:
    headers: dict[str, dict[str, int]] = {}
    for form in table["headers"].values():
        for role, listed in form.items():
            places = headers.setdefault(role, {})
            for place, header in enumerate(listed):
                said = vocabulary.normalise_name(header)
                places[said] = min(place, places.get(said, place))
    stages = {meaning: frozenset(map(_stage, texts)) for meaning, texts in table.get("stages", {}).items()}
    return Export(crm, str(table.get("about", "")), headers, stages)


def _stage(text: str) -> str:
    return vocabulary.normalise_name(text)


def languages_say(languages: Iterable[Language], key: str) -> frozenset[str]:
    """The words that these languages have for a thing, such as "won"."""
    return frozenset(word for language in languages for word in language.words.get(key, ()))
