"""Exports of CRMs made at random from the catalogue: headers of a form or language, stages, formats, encodings; and
what an expert would write of each."""

import csv
import io
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from features.schema_inference import vocabulary
from features.schema_inference.crm_catalogue import FOLDER

TODAY = date(2026, 6, 1)
ODD_NAMES = ("Spalte 7", "Feld_A", "x1", "Campo 12", "Поле 3", "col_17", "Angabe", "Kolumna 4")
DATE_FORMATS = (
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y-%m-%dT%H:%M:%S.000+0000",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%Y-%m-%d",
    "%d-%b-%Y",
)
MONEY: tuple[Callable[[float], str], ...] = (
    lambda amount: f"{amount:.0f}",
    lambda amount: f"{amount:.2f}",
    lambda amount: f"{amount:,.2f}",
    lambda amount: f"${amount:,.2f}",
    lambda amount: f"{amount:,.2f} €".translate(str.maketrans(",.", ".,")),
    lambda amount: f"{amount:,.0f}".replace(",", " "),
)
ENCODINGS = ("utf-8", "utf-8-sig", "cp1252", "cp1251", "utf-16")
ROLES = ("id", "created_at", "outcome", "at", "source", "campaign", "value")
SPECIAL = frozenset({"id", "created_at", "outcome", "at", "source", "campaign", "value"})

Strings = np.ndarray[tuple[int], np.dtype[np.object_]]


@dataclass(frozen=True)
class Form:
    """One way in which a CRM, or a language, names the columns of an export."""

    crm: str
    about: str
    headers: Mapping[str, Sequence[str]]
    stages: Mapping[str, Sequence[str]]
    all_special: frozenset[str]
    is_generic: bool
    language: str

    def __str__(self) -> str:
        return f"{self.crm} {self.about} {self.language}"


@dataclass(frozen=True)
class MadeExport:
    """A file, and what is right: the column of each role (None where there is none), won, lost, known later."""

    path: Path
    form: Form
    roles: Mapping[str, str | None]
    won: frozenset[str]
    lost: frozenset[str]
    later: frozenset[str]
    odd: frozenset[str]


def forms() -> list[Form]:
    """Every form of every export of the catalogue; English stages stand in where a file has none for its language."""
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        generic = bool(content.get("generic"))
        for key, table in content.items():
            if not isinstance(table, dict) or key == "words" or content["name"] == "English":
                continue
            special = frozenset(
                vocabulary.normalise_name(header)
                for form in table["headers"].values()
                for role in SPECIAL
                for header in form.get(role, ())
            )
            for language, headers in table["headers"].items():
                stages = content["words"] if generic else table["stages"]
                found.append(Form(content["name"], table.get("about", ""), headers, stages, special, generic, language))
    return found


def make(form: Form, seed: int, folder: Path, *, odd_names: bool = True) -> MadeExport:
    """Write an export of this form; with `odd_names` a role's column now and then has a name that says nothing."""
    return _Maker(form, np.random.default_rng(seed), folder, odd_names=odd_names).export(seed)


class _Maker:
    def __init__(self, form: Form, rng: np.random.Generator, folder: Path, *, odd_names: bool) -> None:
        self.form, self.rng, self.folder, self.odd_names = form, rng, folder, odd_names
        self.rows = int(rng.integers(350, 900))
        self.date_format = str(rng.choice(DATE_FORMATS))
        self.money = MONEY[int(rng.integers(len(MONEY)))]
        self.columns: dict[str, Strings] = {}
        self.roles: dict[str, str | None] = dict.fromkeys(ROLES)
        self.odd: set[str] = set()

    def export(self, seed: int) -> MadeExport:
        self._live()
        self._roles()
        later = self._later()
        self._honest()
        order = self.rng.permutation(len(self.columns))
        table = pd.DataFrame({name: self.columns[name] for name in np.array(list(self.columns), dtype=object)[order]})
        path = self.folder / f"export_{seed}.csv"
        path.write_bytes(self._bytes(table))
        return MadeExport(path, self.form, self.roles, self.won_texts, self.lost_texts, later, frozenset(self.odd))

    def _live(self) -> None:
        """When each lead arrived, what became of it, and when."""
        rng = self.rng
        arrived = np.sort(rng.uniform(0, 480, self.rows))
        self.arrived = pd.Timestamp(TODAY) - pd.to_timedelta(500 - np.floor(arrived * 1440) / 1440, "D")
        self.source = rng.integers(0, 4, self.rows)
        won = rng.random(self.rows) < np.array([0.15, 0.25, 0.35, 0.5])[self.source]
        delay = pd.to_timedelta(np.round(rng.gamma(2, 12, self.rows) * 1440) + 20, "min")
        closed_at = self.arrived + delay
        still_open = (rng.random(self.rows) < 0.12) | (closed_at > pd.Timestamp(TODAY))
        self.state = np.where(still_open, "open", np.where(won, "won", "lost")).astype(object)
        self.closed_at = closed_at

    def _name(self, role: str, *, may_be_odd: bool = False) -> str:
        """A header of the role, the likeliest more often."""
        if may_be_odd and self.odd_names and self.rng.random() < 0.12:
            name = str(self.rng.choice([odd for odd in ODD_NAMES if odd not in self.columns]))
            self.odd.add(role)
            return name
        listed = [header for header in self.form.headers[role] if header not in self.columns]
        weights = 0.5 ** np.arange(len(listed))
        return str(self.rng.choice(np.array(listed, dtype=object), p=weights / weights.sum()))

    def _add(self, role: str, values: Sequence[str] | Strings, *, may_be_odd: bool = False) -> None:
        name = self._name(role, may_be_odd=may_be_odd)
        self.columns[name] = np.asarray(values, dtype=object)
        self.roles[role] = name

    def _roles(self) -> None:
        rng, headers = self.rng, self.form.headers
        prefix = str(rng.choice(["", "L-", "006"]))
        self._add("id", [f"{prefix}{100_000 + 7 * row}" for row in range(self.rows)], may_be_odd=True)
        self._add("created_at", self._dates(self.arrived), may_be_odd=True)
        self._add("outcome", self._stages(), may_be_odd=True)
        if "at" in headers and rng.random() < 0.8:
            self._add("at", self._closing(), may_be_odd=True)
        if "source" in headers and rng.random() < 0.9:
            self._add("source", np.array(["Web", "Messe", "Partner", "Empfehlung"], dtype=object)[self.source])
        if "campaign" in headers and rng.random() < 0.4:
            self._add("campaign", rng.choice(np.array(["brand", "spring", "retarget"], dtype=object), self.rows))
        if "value" in headers and rng.random() < 0.7:
            self._add("value", [self.money(amount) for amount in np.exp(rng.normal(8, 0.8, self.rows))])

    def _stages(self) -> Strings:
        """Values of the outcome column: one or two that mean won, one to three lost, and open ones."""
        rng, stages = self.rng, self.form.stages

        def some(key: str, most: int, otherwise: Sequence[str]) -> list[str]:
            listed = [text for text in stages.get(key, ()) if not text.isdigit()] or list(otherwise)
            size = int(rng.integers(1, min(most, len(listed)) + 1))
            first = listed[: 2 if not self.form.is_generic else 4]
            return [
                str(text) for text in rng.choice(np.array(first, dtype=object), min(size, len(first)), replace=False)
            ]

        won, lost = some("won", 1, ["Won"]), some("lost", 2, ["Lost"])
        opens = some("open", 2, ["Negotiation", "Proposal"])
        dress = rng.choice(["plain", "numbered", "bracketed", "title"], p=[0.6, 0.15, 0.1, 0.15])
        dressed: dict[str, str] = {}
        for number, text in enumerate(dict.fromkeys([*opens, *won, *lost]), 1):
            dressed[text] = {"numbered": f"{number} - {text}", "bracketed": f"{text} (Sales Pipeline)"}.get(
                dress, text.title() if dress == "title" and text.islower() else text
            )
        self.won_texts = frozenset(dressed[text] for text in won)
        self.lost_texts = frozenset(dressed[text] for text in lost)
        by_state = {"won": won, "lost": lost, "open": opens}
        return np.array(
            [dressed[str(rng.choice(np.array(by_state[state], dtype=object)))] for state in self.state], dtype=object
        )

    def _closing(self) -> Strings:
        """The closing date; of an open lead nothing, a word, or a date that lies ahead."""
        dates = self._dates(self.closed_at)
        how = self.rng.choice(["blank", "word", "expected"], p=[0.6, 0.1, 0.3])
        ahead = self._dates(pd.Timestamp(TODAY) + pd.to_timedelta(self.rng.integers(1, 200, self.rows), "D"))
        instead = {
            "blank": np.full(self.rows, "", dtype=object),
            "word": np.full(self.rows, "not closed", dtype=object),
        }
        return np.where(self.state == "open", instead.get(str(how), ahead), dates)

    def _dates(self, times: pd.DatetimeIndex) -> Strings:
        return np.asarray(times.strftime(self.date_format), dtype=object)

    def _later(self) -> frozenset[str]:
        """Columns that are known later; what they hold does not always tell."""
        rng = self.rng
        listed = [
            header
            for header in self.form.headers.get("later", ())
            if header not in self.columns and vocabulary.normalise_name(header) not in self.form.all_special
        ]
        size = min(len(listed), int(rng.integers(1, 8)))
        chosen = [str(name) for name in rng.choice(np.array(listed, dtype=object), size, replace=False)] if size else []
        for name in chosen:
            self.columns[name] = self._later_values(vocabulary.normalise_name(name))
        return frozenset(chosen)

    def _later_values(self, said: str) -> Strings:
        rng, closed = self.rng, self.state != "open"
        if any(word in said for word in ("prob", "kans", "likelihood", "confidence", "вероят", "wahrsch")):
            return np.where(self.state == "won", "100", np.where(self.state == "lost", "0", "40")).astype(object)
        if any(word in said.split() for word in ("isclosed", "closed", "закрыта", "geschlossen", "clôturé", "cerrado")):
            return np.where(closed, "true", "false").astype(object)
        if any(word in said for word in ("reason", "grund", "motif", "motivo", "raison", "причина", "reden", "powód")):
            return np.where(self.state == "lost", rng.choice(["price", "timing"], self.rows), "").astype(object)
        if any(word in said for word in ("date", "time", "datum", "data", "fecha", "дата", " at", " on", "modified")):
            moved = np.where(closed, self.closed_at + pd.Timedelta(hours=2), self.arrived + pd.Timedelta(days=5))
            return self._dates(pd.DatetimeIndex(moved))
        return rng.choice(np.array(["Ann", "Bob", "Cy"], dtype=object), self.rows)

    def _honest(self) -> None:
        rng = self.rng
        texts = {
            "person": [f"Person {row}" for row in range(self.rows)],
            "company": [f"Firm {row % 300}" for row in range(self.rows)],
            "job": rng.choice(np.array(["CEO", "Analyst", "Buyer"], dtype=object), self.rows),
            "phone": [f"+49 30 {1_000_000 + row}" for row in range(self.rows)],
            "email": [f"p{row}@firm{row % 90}.de" for row in range(self.rows)],
        }
        for role, values in texts.items():
            if role in self.form.headers and rng.random() < 0.4:
                self.columns[self._name(role)] = np.asarray(values, dtype=object)
        self.columns["Employees in firm"] = rng.choice(np.array(["5", "20", "100", "500"], dtype=object), self.rows)

    def _bytes(self, table: pd.DataFrame) -> bytes:
        text = io.StringIO()
        delimiter = str(self.rng.choice([",", ";", "\t"]))
        table.to_csv(text, index=False, sep=delimiter, quoting=csv.QUOTE_MINIMAL, lineterminator="\r\n")
        encoding = str(self.rng.choice(ENCODINGS))
        if encoding == "cp1251" and not any("а" <= letter <= "я" for letter in text.getvalue()):
            encoding = "utf-8"
        try:
            return text.getvalue().encode(encoding)
        except UnicodeEncodeError:
            return text.getvalue().encode("utf-8")
