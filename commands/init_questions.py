"""The five questions of `leads init --interactive`, each with a proposal, and what the user answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from features.schema_inference.column_names import Lexicon
from features.schema_inference.columns import Column
from features.schema_inference.outcome import OutcomeChoice
from features.schema_inference.outcome_candidates import sort_candidates
from features.schema_inference.proposal import Proposal

Ask = Callable[[str, str], str]
"""Asks a question, with the proposed answer, and returns the answer."""
Tell = Callable[[str], None]

NONE = "-"
MOST_VALUES = 50


@dataclass(frozen=True, slots=True)
class Answers:
    """What the user said: of the outcome, and which column says when a lead arrived."""

    outcome: OutcomeChoice
    created_at: str | None


def ask_five(
    outcome_columns: Sequence[Column], lead_columns: Sequence[Column], proposed: Proposal | None, ask: Ask, tell: Tell
) -> Answers:
    """Ask for the outcome, what its values mean, and the arrival time; an empty answer takes the proposal."""
    column = _ask_column(outcome_columns, proposed, ask, tell)
    for number, (text, rows) in enumerate(zip(column.texts, column.counts.tolist(), strict=True), 1):
        tell(f"  {number}  {text} ({rows:,})")
    won = _ask_values(
        "2. Which of these mean won? (numbers or values)", column, _of("won", proposed, column), ask, tell
    )
    lost = _ask_values("3. Which mean lost? All others are open", column, _of("lost", proposed, column), ask, tell)
    no_leads = _ask_values(
        "4. Which were never leads: duplicates, wrong numbers, tests?",
        column,
        _of("not_a_lead", proposed, column),
        ask,
        tell,
    )
    created_at = _ask_created_at(lead_columns, proposed, ask, tell)
    return Answers(OutcomeChoice(column.name, won, lost, no_leads), created_at)


def _ask_column(columns: Sequence[Column], proposed: Proposal | None, ask: Ask, tell: Tell) -> Column:
    by_name = {column.name: column for column in columns}
    likely = sort_candidates(columns, Lexicon.of(by_name))
    for column in likely:
        tell(f"  {column.name}: {', '.join(column.texts[:6])}{' …' if len(column.texts) > 6 else ''}")
    default = str(proposed.setting("column")) if proposed else next((column.name for column in likely), columns[0].name)
    while True:
        answer = ask("1. Which column says what became of a lead?", default)
        if answer in by_name and len(by_name[answer].texts) <= MOST_VALUES:
            return by_name[answer]
        tell(f"  {answer} is not a column of a few values.")


def _of(key: str, proposed: Proposal | None, column: Column) -> tuple[str, ...]:
    """The proposed values, those of a line that is only proposed too; none for another column than the proposed."""
    if proposed is None or proposed.setting("column") != column.name:
        return ()
    value = next((line.value for line in proposed.outcome if line.key == key), ())
    return tuple(text for text in value if text in column.texts) if isinstance(value, tuple) else ()


def _ask_values(question: str, column: Column, proposed: tuple[str, ...], ask: Ask, tell: Tell) -> tuple[str, ...]:
    while True:
        answer = ask(question, ", ".join(proposed) or NONE)
        if answer == ", ".join(proposed):
            return proposed
        said = [part.strip() for part in answer.split(",") if part.strip() not in {"", NONE}]
        values = [_value(part, column) for part in said]
        if None not in values:
            return tuple(value for value in values if value is not None)
        tell(f"  {said[values.index(None)]} is none of them; give numbers or values, a comma between them, - for none.")


def _value(said: str, column: Column) -> str | None:
    if said in column.texts:
        return said
    return column.texts[int(said) - 1] if said.isdigit() and 1 <= int(said) <= len(column.texts) else None


def _ask_created_at(columns: Sequence[Column], proposed: Proposal | None, ask: Ask, tell: Tell) -> str | None:
    names = {column.name for column in columns}
    default = str(proposed.setting("created_at") or NONE) if proposed else NONE
    while True:
        answer = ask("5. Which column says when a lead arrived?", default)
        if answer == NONE:
            return None
        if answer in names:
            return answer
        tell(f"  {answer} is not a column; it has {', '.join(sorted(names)[:20])}; - for none.")
