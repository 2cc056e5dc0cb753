"""A score that is too good is not believed before somebody says why: refused, with the fields that carry it."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.config import ScoringConfig, check_config
from features.history import NEVER, History
from features.lead_table import parse_leads
from tests.training.leads import DAY, appeal, raw_leads
from training.checks.leakage import SuspectedLeakage, check_leakage
from training.evaluation.evaluate import MetricEstimate
from training.pipeline import Settings, train
from training.training_run import TrainingRun

LEADS = 600


def company(leak: float = 0.0, *, clarity: float = 1.0, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Leads whose `package` is filled for this share of the winners, and their outcomes.

    The larger the clarity, the surer it is that directors who read the newsletter or come by a partner win.
    """
    raw = raw_leads(LEADS, seed)
    rng = np.random.default_rng([seed, 5])
    won = rng.random(LEADS) < 1 / (1 + np.exp(clarity * (1.5 - appeal(raw))))
    filled = won & (rng.random(LEADS) < leak)
    raw["package"] = np.where(filled, rng.choice(["basic", "plus"], LEADS), None)
    return raw, won


def config(**strong: bool) -> ScoringConfig:
    kinds = {"age": "numeric", "job": "category", "newsletter": "flag", "source": "category", "package": "category"}
    return check_config(
        {
            "leads": {"table": "leads.csv", "id": "id", "created_at": "created", "source": "source"},
            "outcome": {"column": "won", "won": ["1"], "at": "won_at", "horizon_days": 30},
            "fields": {name: {"kind": kind, "strong": strong.get(name, False)} for name, kind in kinds.items()},
        },
        Path("lead-tests/scoring.toml"),
    )


def trained(raw: pd.DataFrame, won: np.ndarray, settled: ScoringConfig) -> TrainingRun:
    leads = parse_leads(raw, settled.lead_schema)
    assert leads.created_at is not None
    closed_at = np.where(won, leads.created_at + 5 * DAY, NEVER)
    facts = History(leads, np.where(won, "won", "lost").astype(object), closed_at)
    return train(settled, facts, Settings(None, 30.0, 7, 1), None, lambda: 0.0, lambda *_: None)


NAMES = ("age", "job", "newsletter", "source", "package")


@pytest.fixture(scope="module")
def leaked() -> TrainingRun:
    """A score that a leak carries, which a person has confirmed."""
    return trained(*company(leak=0.96), config(package=True))


def refusal(run: TrainingRun, settled: ScoringConfig) -> str:
    with pytest.raises(SuspectedLeakage) as refused:
        check_leakage(run.evaluation, run.dataset, run.importance, settled)
    return str(refused.value)


def named(refused: str) -> list[str]:
    return [name for name in NAMES if f"\n  {name}: " in refused]


def test_a_leak_that_scoring_toml_calls_known_at_arrival_is_named_with_its_figures(leaked: TrainingRun) -> None:
    refused = refusal(leaked, config())
    assert "too good to be believed" in refused
    (carrier,) = [line for line in refused.splitlines() if line.startswith("  package: an AUC of 0.9")]
    assert "filled for 9" in carrier
    assert "of the won leads and 0% of the lost" in carrier
    assert "of the score" in carrier


def test_harmless_fields_are_not_blamed_for_it(leaked: TrainingRun) -> None:
    assert named(refusal(leaked, config())) == ["package"]


def test_it_says_what_to_do_either_way(leaked: TrainingRun) -> None:
    refused = refusal(leaked, config())
    assert 'known = "later"' in refused
    assert "strong = true" in refused
    assert refused.endswith("Nothing was registered.")


def test_a_confirmed_field_may_carry_the_score_and_the_run_says_so(leaked: TrainingRun) -> None:
    assert leaked.notes[-1].startswith("an AUC of 0.9")
    assert leaked.notes[-1].endswith("is carried by what scoring.toml confirms as strong: package")


def test_to_confirm_another_field_is_not_enough(leaked: TrainingRun) -> None:
    assert named(refusal(leaked, config(job=True))) == ["package"]


def test_training_itself_refuses() -> None:
    with pytest.raises(SuspectedLeakage, match="  package: "):
        trained(*company(leak=1.0), config())


def test_an_honest_company_that_is_easy_to_tell_is_refused_until_the_fields_that_carry_it_are_confirmed() -> None:
    run = trained(*company(clarity=9.0), config(**dict.fromkeys(NAMES, True)))
    assert run.evaluation.metrics["auc"].value > 0.95
    carried = named(refusal(run, config()))
    assert "job" in carried
    assert "package" not in carried
    assert check_leakage(run.evaluation, run.dataset, run.importance, config(**dict.fromkeys(carried, True)))


@pytest.mark.parametrize(("wins", "believed"), [(3, True), (30, False)])
def test_a_handful_of_winners_ranked_right_by_luck_is_not_held_against_a_score(
    leaked: TrainingRun, wins: int, believed: bool
) -> None:
    lucky = replace(leaked.evaluation, wins=wins, metrics={"auc": MetricEstimate(0.99, 0.97, 1.0)})
    with nullcontext() if believed else pytest.raises(SuspectedLeakage, match="  age: "):
        assert check_leakage(lucky, leaked.dataset, {"age": 1.0}, config()) == ()
