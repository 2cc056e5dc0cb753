"""Which column says what became of a lead, what its values mean, and what became of each lead by them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from features.config import ANY_VALUE
from features.errors import Problem, TableRefused
from features.schema_inference import column_names, vocabulary
from features.schema_inference.column_names import Lexicon
from features.schema_inference.columns import Column
from features.schema_inference.outcome_candidates import (
    asks_for_loss,
    example_of_outcome,
    filled_for_some,
    is_called_otherwise,
    meanings_of,
    only_meaning,
    says_only_open,
    sort_candidates,
)
from features.schema_inference.outcome_refusal import (
    HOW_TO_SAY_ANY,
    HOW_TO_SAY_WON,
    MOST_VALUES,
    list_names,
    list_values,
    refuse_only,
    refuse_only_open,
    refuse_untold,
)
from features.schema_inference.stage_meanings import Meaning, Stages
from features.values import outcome_key, same_text
from stats.types import Mask

MIN_SIDE = 10
"""Won leads, and lost ones, below which nothing is said of a field's strength."""


@dataclass(frozen=True, eq=False)
class States:
    """What became of each lead (n,); the rest are not worked."""

    won: Mask
    lost: Mask
    open: Mask

    def matured(self, old: Mask) -> Self:
        """As training counts them: who is open and older than the horizon (n,) has not won."""
        return replace(self, lost=self.lost | (self.open & old), open=self.open & ~old)

    @property
    def losing(self) -> Mask:
        """Whom the winners are compared with: the lost; where nobody is marked lost, all who have not won."""
        return self.lost if self.lost.sum() >= MIN_SIDE else self.lost | self.open


_NO_AMOUNT = frozenset({"0", "0.00", "0,00", "no", "false"})
_LACKING: Mapping[Meaning | None, str] = {Meaning.WON: "lost or open", Meaning.LOST: "won"}
"""What a table lacks whose leads all ended so."""
_AGREE = 0.99
"""The share of the leads won by either of two columns that both must name to say the same."""


@dataclass(frozen=True, slots=True)
class OutcomeColumn:
    """Its name, the values that mean won, lost and not worked as they are spelled, and all others.

    `no_leads` are those of `lost` that say that this never was a lead; `open` those of `others` that are known to
    be open. `nobody_marked_lost` says that no value means lost, so that all others are open and not lost.
    `asked_no_leads` says that the user named the values that never were leads.
    """

    name: str
    won: tuple[str, ...]
    lost: tuple[str, ...] = ()
    not_worked: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    no_leads: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    nobody_marked_lost: bool = False
    asked_no_leads: bool = False

    @property
    def unknown(self) -> tuple[str, ...]:
        """Values of which nothing is known."""
        return tuple(text for text in self.others if text not in self.open)

    @property
    def says(self) -> int:
        """How much it tells: won from lost, and both from open."""
        return 2 * bool(self.lost) + bool(self.others or self.not_worked)

    def states(self, column: Column) -> States:
        """What became of each row (n,), as scoring.toml will be read."""
        lost = _rows_holding(column, self.lost)
        won = column.filled & ~lost if self.won == (ANY_VALUE,) else _rows_holding(column, self.won)
        untried = _rows_holding(column, self.not_worked)
        rest = column.filled & ~won & ~lost & ~untried
        if self.lost or self.nobody_marked_lost:
            return States(won, lost, ~column.filled | rest)
        return States(won, rest, ~column.filled)


@dataclass(frozen=True, slots=True)
class OutcomeChoice:
    """What the user said of the outcome: a column, the values that mean won, and those that mean lost."""

    column: str | None = None
    won: tuple[str, ...] = ()
    lost: tuple[str, ...] | None = None
    no_leads: tuple[str, ...] | None = None


def find_outcome(
    columns: Sequence[Column],
    given: str | OutcomeChoice | None,
    table: str,
    lexicon: Lexicon,
    *,
    wins_only: bool = False,
) -> OutcomeColumn:
    """The outcome column: the one given (`COLUMN`, or `COLUMN=VALUE,VALUE` to say what means won), or found.

    `wins_only` accepts a column that holds nothing but wins, as a table of closed deals does.

    Raises:
        TableRefused: when it cannot be told, with the candidates and what they hold.
    """
    stages = Stages(lexicon.export)
    if isinstance(given, str):
        given = _parse_choice(columns, given)
    if given is not None and given.column is not None:
        return _read_choice(columns, given, table, stages)
    for likely in _likely_columns(columns, lexicon, stages):
        told = [outcome for column in likely if (outcome := _interpret(column, stages, wins_only=wins_only))]
        if told and (outcome := _choose_agreeing(told, columns, lexicon)):
            return outcome
        if told:
            understood = {outcome.name for outcome in told}
            rivals = [column for column in likely if column.name in understood]
            raise refuse_untold(rivals, columns, table, f"{rivals[0].name}=VALUE,VALUE")
    named = [column for column in columns if lexicon.place("outcome", column.name) is not None]
    if only_open := next((column for column in named if says_only_open(column, stages)), None):
        raise refuse_only_open(only_open, table)
    for column in named:
        if lacking := _LACKING.get(only_meaning(column, stages)):
            raise refuse_only(column, lacking, table)
    few = sort_candidates(columns, lexicon)
    some = filled_for_some(columns, lexicon)
    if some:
        few = [column for column in few if not is_called_otherwise(column.name, lexicon)]
    raise refuse_untold(few, columns, table, example_of_outcome(few, some, lexicon), some)


def _likely_columns(columns: Sequence[Column], lexicon: Lexicon, stages: Stages) -> Iterable[list[Column]]:
    """Columns that may be the outcome, group by group: by the CRM, by their names, by what they hold."""
    may = [column for column in columns if not _says_only_closed(column.name)]
    if lexicon.export is not None:
        export = lexicon.export
        known = [column for column in may if export.place("outcome", column.name) is not None]
        for column in sorted(known, key=lambda column: export.place("outcome", column.name) or 0):
            yield [column]
    yield [column for column in may if lexicon.place("outcome", column.name) is not None]
    yield [column for column in may if {Meaning.WON, Meaning.LOST} <= set(meanings_of(column, stages))]


def _says_only_closed(name: str) -> bool:
    """Whether a name asks if the lead is closed, or active, and not if it was won."""
    words = set(vocabulary.normalise_name(name).split())
    return bool(words & vocabulary.CLOSED_WORDS) and not words & (vocabulary.WON_WORDS | {"status", "stage"})


def _same_winners(one: Mask, other: Mask) -> bool:
    either = int((one | other).sum())
    return int((one & other).sum()) >= _AGREE * either


def _choose_agreeing(told: list[OutcomeColumn], columns: Sequence[Column], lexicon: Lexicon) -> OutcomeColumn | None:
    """The one that tells most of those that name the same winners; None where they disagree."""
    by_name = {column.name: column for column in columns}
    wins = [outcome.states(by_name[outcome.name]).won for outcome in told]
    if all(_same_winners(wins[0], other) for other in wins[1:]):
        return max(told, key=lambda outcome: (outcome.says, -lexicon.rank("outcome", outcome.name)))
    return None


def _parse_choice(columns: Sequence[Column], given: str) -> OutcomeChoice:
    if given in {column.name for column in columns}:
        return OutcomeChoice(given)
    name, _, values = given.partition("=")
    return OutcomeChoice(name, tuple(value.strip() for value in values.split(",") if value.strip()))


def _read_choice(columns: Sequence[Column], given: OutcomeChoice, table: str, stages: Stages) -> OutcomeColumn:
    name = given.column or ""
    column = next((column for column in columns if column.name == name), None)
    if column is None:
        detail = f"there is no such column; the table has {list_names(columns)}"
        raise TableRefused([Problem(detail, name)], table)
    if given.won == (ANY_VALUE,):
        return OutcomeColumn(name, given.won, tuple(text for text in column.texts if _is_nothing(text)))
    outcome = (
        _sort_values(column, stages, given) if given.won else _interpret(column, stages, wins_only=True, asked=given)
    )
    if outcome is None or not outcome.won:
        absent = f"no row holds {' or '.join(map(repr, given.won))}"
        detail = f"{absent if given.won else 'none of its values is known to mean won'}; it holds {list_values(column)}"
        how = HOW_TO_SAY_ANY if len(column.texts) > MOST_VALUES else HOW_TO_SAY_WON
        raise TableRefused([Problem(f"{detail}. {how.format(name=name)}", name)], table)
    return outcome


def _is_nothing(text: str) -> bool:
    """Whether a value says that there is none: no sum of money, or a word for it."""
    return outcome_key(text) in _NO_AMOUNT or same_text(text) in vocabulary.NOTHING_WORDS


def _interpret(
    column: Column, stages: Stages, *, wins_only: bool, asked: OutcomeChoice | None = None
) -> OutcomeColumn | None:
    """What a column's values mean; None where none of them is known to mean won, or all do."""
    if not 1 <= len(column.texts) <= MOST_VALUES:
        return None
    outcome = _sort_values(column, stages, asked or OutcomeChoice())
    only_wins = len(column.texts) == 1 and column.filled.all()
    return outcome if outcome.won and (wins_only or not only_wins) else None


def _sort_values(column: Column, stages: Stages, asked: OutcomeChoice) -> OutcomeColumn:
    meant = _meaning_by_value(column, stages, asked)

    def those(*meanings: Meaning | None) -> tuple[str, ...]:
        return tuple(text for text in column.texts if meant[text] in meanings)

    won, lost, others = those(Meaning.WON), those(Meaning.LOST), those(Meaning.OPEN, None)
    opens = those(Meaning.OPEN)
    nobody_marked_lost = asked.lost is not None and not lost
    if asked.lost is None and not lost and others:
        only_other = len(column.texts) - len(won) == 1 and not opens
        if only_other and (asked.won or _is_lost_answer(others[0], stages)):
            lost, others = others, ()
        else:
            nobody_marked_lost = bool(only_other or opens or column_names.is_stage(column.name))
    no_leads = tuple(text for text in lost if stages.is_no_lead(text)) if asked.no_leads is None else asked.no_leads
    return OutcomeColumn(
        column.name,
        won,
        lost,
        those(Meaning.NOT_WORKED),
        others,
        no_leads,
        opens,
        nobody_marked_lost,
        asked.no_leads is not None,
    )


def _is_lost_answer(text: str, stages: Stages) -> bool:
    """Whether a value that stands alone beside won means lost, such as "no", or says nothing, such as "-"."""
    return stages.answer(text) is Meaning.LOST or same_text(text) in vocabulary.NOTHING_WORDS


def _meaning_by_value(column: Column, stages: Stages, asked: OutcomeChoice) -> dict[str, Meaning | None]:
    """What each value means: as the user said, else as a stage, or an answer where the column holds only answers."""
    told: dict[str, Meaning | None] = {text: stages.meaning(text) for text in column.texts}
    if not any(meaning in (Meaning.WON, Meaning.LOST) for meaning in told.values()):
        answers = {text: stages.answer(text) for text in column.texts}
        if _all_answer(answers):
            told = _turn_round(answers) if asks_for_loss(column.name, stages) else answers
    for said, meaning in ((asked.won, Meaning.WON), (asked.lost, Meaning.LOST)):
        if said is None or (meaning is Meaning.WON and not said):
            continue
        wanted = {outcome_key(text) for text in said}
        for text in column.texts:
            if outcome_key(text) in wanted:
                told[text] = meaning
            elif told[text] is meaning:
                told[text] = None
    return told


def _turn_round(answers: Mapping[str, Meaning | None]) -> dict[str, Meaning | None]:
    """What the answers mean to a question whose yes means lost."""
    other = {Meaning.WON: Meaning.LOST, Meaning.LOST: Meaning.WON}
    return {text: other.get(meaning, meaning) if meaning else None for text, meaning in answers.items()}


def _all_answer(answers: Mapping[str, Meaning | None]) -> bool:
    """Whether every value but words for nothing is an answer; of the codes 0, 1, 2 and 3 nobody knows which is won."""
    return all(meaning is not None or same_text(text) in vocabulary.NOTHING_WORDS for text, meaning in answers.items())


def _rows_holding(column: Column, texts: Iterable[str]) -> Mask:
    wanted = {outcome_key(text) for text in texts}
    return column.spread(np.array([outcome_key(text) in wanted for text in column.texts], dtype=bool), missing=False)
