"""What it costs to leave out a field that is known later is measured, and said where it costs something."""

from dataclasses import replace

import numpy as np
import pandas as pd

from features.config import FieldSection
from features.history import NEVER
from features.lead_table import parse_later_fields, parse_leads
from features.schema import Field
from features.values import Kind, Known
from tests.training.leads import config, history, learned, raw_leads
from training.checks.refused_fields import RefusedField, note_refused_fields, try_refused_fields
from training.pipeline import Settings, train
from training.search.time_budget import TimeBudget

LEADS = 2_000
SCHEMA = replace(
    config().lead_schema,
    fields=(
        *config().lead_schema.fields,
        Field("flag_9", Kind.FLAG, Known.LATER),
        Field("dice", Kind.NUMERIC, Known.LATER),
        Field("gone", Kind.NUMERIC, Known.LATER),
    ),
)


def with_later_fields() -> pd.DataFrame:
    """`flag_9` tells more than all else does, `dice` nothing, and one of its cells is no number."""
    raw, rng = raw_leads(LEADS, seed=3), np.random.default_rng(3)
    examples = learned(LEADS, seed=3)
    won = np.zeros(LEADS, dtype=bool)
    won[examples.rows] = examples.samples.y > 0
    raw["flag_9"] = np.where(won & (rng.random(LEADS) < 0.9), "yes", "no").astype(object)
    raw["dice"] = rng.integers(1, 7, LEADS).astype(object)
    raw.loc[5, "dice"] = "lost"
    return raw


def tried(spent: float = 0.0) -> tuple[RefusedField, ...]:
    """`spent` seconds of a budget of 100 go by at each look at the clock."""
    looks = iter(np.arange(10_000) * spent)
    raw, examples = with_later_fields(), learned(LEADS, seed=3)
    leads = parse_leads(raw, config().lead_schema).take(examples.rows)
    budget = TimeBudget(lambda: float(next(looks)), 0.0, 100.0)
    return try_refused_fields(parse_later_fields(raw, SCHEMA), examples.samples, leads, SCHEMA, budget, seed=7)


def test_a_field_that_tells_much_is_asked_about_and_one_that_tells_nothing_is_not() -> None:
    flag, dice = tried()
    assert (flag.name, dice.name) == ("flag_9", "dice")
    assert flag.with_it < flag.without - 0.05
    assert abs(dice.with_it - dice.without) < 0.02
    (note,) = note_refused_fields([flag, replace(dice, with_it=dice.without)])
    assert note.startswith(f"flag_9 is left out as known later: a quick model has a log loss of {flag.with_it:.3f}")
    assert 'Is it known when a lead arrives? Then say known = "arrival" in scoring.toml' in note


def test_a_field_that_all_but_tells_the_outcome_is_asked_about_with_a_warning() -> None:
    (note,) = note_refused_fields([RefusedField("premium", with_it=0.03, without=0.5)])
    assert note.endswith(
        "a quick model has a log loss of 0.030 with it and 0.500 without. It all but tells the outcome, as what is "
        'filled in after it does. Is it known when a lead arrives? Then say known = "arrival" in scoring.toml'
    )


def test_a_small_part_of_the_budget_is_all_that_it_takes() -> None:
    assert len(tried(spent=6.0)) == 1


def test_without_such_fields_nothing_is_tried() -> None:
    raw, examples = raw_leads(LEADS, seed=3), learned(LEADS, seed=3)
    assert parse_later_fields(raw, SCHEMA) is None
    leads = parse_leads(raw, config().lead_schema).take(examples.rows)
    assert try_refused_fields(None, examples.samples, leads, SCHEMA, TimeBudget(lambda: 0.0, 0.0, 9.0), seed=7) == ()


def test_where_too_few_are_won_to_try_a_model_no_field_is_tried_either() -> None:
    facts = history(400, seed=3)
    won = np.flatnonzero(facts.status == "won")
    status = np.where(np.isin(np.arange(400), won[[0, -40]]), "won", "lost").astype(object)
    closed_at = np.where(status == "won", facts.closed_at, NEVER)
    fields = {**config().fields, "flag_9": FieldSection(kind=Kind.FLAG, known=Known.LATER)}
    checked = config().model_copy(update={"fields": fields})
    later = replace(facts.leads, fields={"flag_9": facts.leads.fields["newsletter"]})
    few = replace(facts, status=status, closed_at=closed_at, later=later)
    run = train(checked, few, Settings(None, 20.0, 7, 1), None, lambda: 0.0, lambda *_: None)
    assert (run.trials, run.refused) == (0, ())
