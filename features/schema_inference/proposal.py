"""A proposed scoring.toml as its sections, lines and summary, and as commented TOML."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import tomlkit
from tomlkit.items import Table

from features.config import ANY_VALUE
from features.values import Kind, Known

Plain = str | int | tuple[str, ...]

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of [leads], [outcome] or [training], and why it is so."""

    key: str
    value: Plain
    why: str
    is_proposal: bool = False
    """Written as a comment, for the user to take."""


@dataclass(frozen=True, slots=True)
class ProposedField:
    """One [fields.X] table; `summary` stands beside its name, `notes` below it.

    `decimal` and `date_format` are there where they differ from those of [leads].
    """

    name: str
    kind: Kind
    known: Known = Known.ARRIVAL
    missing: tuple[str, ...] = ()
    missing_why: str = ""
    summary: str = ""
    notes: tuple[str, ...] = ()
    decimal: str | None = None
    date_format: str | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is no field, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Summary:
    """How many leads and what became of them, what decides that, what was set aside, and what to check first.

    `looks_like` is the export that the headers are of, such as "HubSpot deals export", empty where it is not known;
    `taken` the roles that came from that. `first` and `last` are the days of the first and the last arrival.
    """

    leads: int
    is_sample: bool
    won: int
    lost: int
    open: int
    not_worked: int
    column: str
    won_values: tuple[str, ...]
    lost_values: tuple[str, ...]
    open_values: tuple[str, ...]
    nobody_marked_lost: bool = False
    looks_like: str = ""
    headers: int = 0
    taken: tuple[str, ...] = ()
    first: str = ""
    last: str = ""
    later: tuple[str, ...] = ()
    left_out: int = 0
    used: int = 0
    checks: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """The summary, line by line."""
        if self.looks_like:
            article = "an" if self.looks_like[0] in "AEIOaeio" else "a"
            took = f"; from that: {', '.join(self.taken)}" if self.taken else ""
            yield f"This looks like {article} {self.looks_like} ({self.headers} of its headers){took}."
        when = f", arrived from {self.first} to {self.last}" if self.first else ", without an arrival time"
        sample = " looked at (a random sample)" if self.is_sample else ""
        yield f"{self.leads:,} leads{sample}{when}: {self._became()}."
        yield f'What decides is "{self.column}": won is {self._won()}; {self._not_won()}.'
        yield f"{_count_fields(self.used)} may feed the score."
        if self.later:
            yield f"Set aside, as they are known only later (scoring.toml says why): {_list_texts(self.later, 12)}."
        if self.left_out:
            are = "1 column is" if self.left_out == 1 else f"{self.left_out} columns are"
            yield f"{are} left out; scoring.toml says why, at its end."
        if self.checks:
            yield "Check first:"
            yield from (f"  {number}. {check}" for number, check in enumerate(self.checks, 1))

    def _became(self) -> str:
        untouched = f", {self.not_worked:,} not worked yet" if self.not_worked else ""
        return f"{self.won:,} won, {self.lost:,} lost, {self.open:,} open{untouched}"

    def _won(self) -> str:
        return "any value" if self.won_values == (ANY_VALUE,) else _list_texts(self.won_values)

    def _not_won(self) -> str:
        if self.nobody_marked_lost:
            return (
                f"nobody is marked as lost, open is {_list_texts(self.open_values)}"
                if self.open_values
                else "all are won"
            )
        if not self.lost_values:
            return "everything else is lost" if self.lost else "who has nothing there is open"
        still = f", open is {_list_texts(self.open_values)}" if self.open_values else ""
        return f"lost is {_list_texts(self.lost_values)}{still}"


def _count_fields(number: int) -> str:
    return "1 field" if number == 1 else f"{number} fields"


def _list_texts(texts: tuple[str, ...], most: int = 6) -> str:
    shown = ", ".join(texts[:most])
    return f"{shown} and {len(texts) - most} more" if len(texts) > most else shown


@dataclass(frozen=True, slots=True)
class Proposal:
    """All of a proposed scoring.toml. `head` are the comment lines at its top.

    `doubts` are what the tables leave open, or hold beside their rows; it is said when init runs as well.
    """

    head: tuple[str, ...]
    leads: tuple[Setting, ...]
    outcome: tuple[Setting, ...]
    fields: tuple[ProposedField, ...]
    left_out: tuple[LeftOut, ...] = ()
    contacts: tuple[Setting, ...] = ()
    arrivals: tuple[Setting, ...] = ()
    propensity: tuple[Setting, ...] = ()
    summary: Summary | None = None
    doubts: tuple[str, ...] = ()
    training: tuple[Setting, ...] = field(
        default=(
            Setting("budget_s", 120, "seconds for search and fitting together"),
            Setting("seed", 7, "the same data, settings and seed give the same model"),
        )
    )

    @property
    def suspects(self) -> tuple[ProposedField, ...]:
        """The fields that look as if they were filled after the outcome."""
        return tuple(field for field in self.fields if field.known is Known.LATER)

    def setting(self, key: str) -> Plain | None:
        """The value of a line under [leads] or [outcome]; [leads] is asked first."""
        return next(
            (line.value for line in (*self.leads, *self.outcome) if line.key == key and not line.is_proposal), None
        )

    def to_toml(self) -> str:
        document = tomlkit.document()
        for line in self.head:
            document.add(tomlkit.comment(_one_line(line)))
        document.add("leads", _section_table(self.leads))
        document.add("outcome", _section_table(self.outcome))
        for name in ("contacts", "arrivals", "propensity"):
            if settings := getattr(self, name):
                document.add(name, _section_table(settings))
        fields = tomlkit.table(is_super_table=True)
        for proposed in self.fields:
            fields.append(proposed.name, _field_table(proposed))
        document.add("fields", fields)
        document.add("training", _section_table(self.training))
        return tomlkit.dumps(document) + self._list_left_out()

    def _list_left_out(self) -> str:
        if not self.left_out:
            return ""
        lines = [f"#   {_one_line(left.name)}: {_one_line(left.why)}\n" for left in self.left_out]
        return "".join(["\n# Columns left out:\n", *lines])


def _section_table(settings: tuple[Setting, ...]) -> Table:
    table = tomlkit.table()
    for setting in settings:
        item = tomlkit.item(list(setting.value) if isinstance(setting.value, tuple) else setting.value)
        if setting.is_proposal:
            table.add(tomlkit.comment(_one_line(f"{setting.key} = {item.as_string()}  # {setting.why}")))
            continue
        table.add(setting.key, item.comment(_one_line(setting.why)))
    table.add(tomlkit.nl())
    return table


def _field_table(proposed: ProposedField) -> Table:
    table = tomlkit.table()
    if proposed.summary:
        table.comment(_one_line(proposed.summary))
    table.add("kind", proposed.kind.value)
    table.add("known", proposed.known.value)
    if proposed.decimal:
        table.add("decimal", tomlkit.item(proposed.decimal).comment("otherwise than in [leads]"))
    if proposed.date_format:
        table.add("date_format", tomlkit.item(proposed.date_format).comment("otherwise than in [leads]"))
    if proposed.missing:
        placeholders = tomlkit.item(list(proposed.missing))
        table.add("missing", placeholders.comment(_one_line(proposed.missing_why)))
    for note in proposed.notes:
        table.add(tomlkit.comment(_one_line(note)))
    table.add(tomlkit.nl())
    return table


def _one_line(comment: str) -> str:
    return _UNPRINTABLE.sub(" ", comment)
