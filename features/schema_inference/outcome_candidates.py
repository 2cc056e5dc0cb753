"""The columns that may say what became of a lead, the likeliest first, where neither names nor values tell."""

from collections.abc import Sequence

from features.schema_inference import column_names, vocabulary
from features.schema_inference.column_names import Lexicon
from features.schema_inference.columns import Column
from features.schema_inference.crm_catalogue import LATER
from features.schema_inference.outcome_refusal import MOST_VALUES
from features.schema_inference.stage_meanings import Meaning, Stages
from features.values import same_text

_FEW_VALUES = 20
"""Different values up to which a refusal lists what a column holds."""
_ANY_VALUE = "VALUE,VALUE"
_MOST_FILLED = 0.7
_OTHER_ROLES = ("source", "campaign", "person", "company", "job", LATER)


def sort_candidates(columns: Sequence[Column], lexicon: Lexicon) -> list[Column]:
    """The columns of a few values: those called an outcome first, those called something else last."""
    stages = Stages(lexicon.export)

    def rank(column: Column) -> tuple[int, bool, bool, bool, int]:
        return (
            lexicon.rank("outcome", column.name),
            is_called_otherwise(column.name, lexicon),
            not column_names.is_stage(column.name),
            not answers_yes_or_no(column, stages),
            len(column.texts),
        )

    return sorted((column for column in columns if 2 <= len(column.texts) <= _FEW_VALUES), key=rank)


def filled_for_some(columns: Sequence[Column], lexicon: Lexicon) -> list[Column]:
    """The columns of many values that only some leads have, as won ones have the date of a contract."""
    return [
        column
        for column in columns
        if len(column.texts) > _FEW_VALUES
        and 0 < column.fill <= _MOST_FILLED
        and not lexicon.is_phone(column.name)
        and not is_called_otherwise(column.name, lexicon)
    ]


def example_of_outcome(few: Sequence[Column], some: Sequence[Column], lexicon: Lexicon) -> str:
    """What to write behind --outcome, as an example: the likeliest of the columns of few values, and its won value.

    Where it is not called an outcome, one of `some`, which only some leads have, comes before it if it is called the
    closing date.
    """
    if not few or lexicon.place("outcome", few[0].name) is None:
        for column in some:
            if lexicon.place("at", column.name) is not None:
                return f"{column.name}=*"
    return f"{few[0].name}={value_for_won(few[0], Stages(lexicon.export))}" if few else ""


def value_for_won(column: Column, stages: Stages) -> str:
    """What to write for the value that means won: the answer to a question of yes and no, else a placeholder."""
    if not answers_yes_or_no(column, stages):
        return _ANY_VALUE
    won = Meaning.LOST if asks_for_loss(column.name, stages) else Meaning.WON
    return next(text for text in column.texts if stages.answer(text) is won)


def answers_yes_or_no(column: Column, stages: Stages) -> bool:
    """Whether a column's values are answers, of both kinds, or say that there is none yet."""
    told = {text: stages.answer(text) for text in column.texts}
    still_open = {text for text, meaning in told.items() if meaning is Meaning.OPEN or is_nothing(text)}
    return {meaning for text, meaning in told.items() if text not in still_open} == {Meaning.WON, Meaning.LOST}


def is_nothing(text: str) -> bool:
    """Whether a value is a word for nothing, such as "N/A"."""
    return same_text(text) in vocabulary.NOTHING_WORDS


def asks_for_loss(name: str, stages: Stages) -> bool:
    """Whether a name asks if a lead was lost, as "is_lost" and "rejected" do, so that yes means lost."""
    words = vocabulary.normalise_name(name).split()
    asked = " ".join(word for word in words if word not in vocabulary.ASKING_WORDS)
    return stages.meaning(asked) is Meaning.LOST


def is_called_otherwise(name: str, lexicon: Lexicon) -> bool:
    """Whether a name says where a lead came from, who it is, what is filled in while it is worked, or a remark."""
    said = vocabulary.normalise_name(name)
    if lexicon.why_later(name) or lexicon.is_person(name) or said.endswith(" by"):
        return True
    if not lexicon.says("remarks").isdisjoint(said.split()):
        return True
    return any(lexicon.place(role, name) is not None for role in _OTHER_ROLES)


def says_only_open(column: Column, stages: Stages) -> bool:
    """Whether some value means open, and none won or lost."""
    meanings = set(meanings_of(column, stages))
    return Meaning.OPEN in meanings and not meanings & {Meaning.WON, Meaning.LOST}


def only_meaning(column: Column, stages: Stages) -> Meaning | None:
    """What the one value means that every lead has; None where there are several, or leads without any."""
    return stages.meaning(column.texts[0]) if len(column.texts) == 1 and column.filled.all() else None


def meanings_of(column: Column, stages: Stages) -> list[Meaning | None]:
    """What each value of a column means; nothing where they are too many for an outcome."""
    return [stages.meaning(text) for text in column.texts] if len(column.texts) <= MOST_VALUES else []
