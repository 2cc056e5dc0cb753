"""A score that is too good is not believed before somebody says why: refused, with the fields that carry it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.config import ScoringConfig, check_config
from features.history import NEVER, History
from features.lead_table import parse_leads
from tests.training.leads import DAY, appeal, raw_leads
from training.pipeline import Settings, train
from training.run import TrainingRun
from training.strength import TooGood

LEADS = 700


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
    leads = parse_leads(raw, settled.schema_)
    assert leads.created_at is not None
    closed_at = np.where(won, leads.created_at + 5 * DAY, NEVER)
    facts = History(leads, np.where(won, "won", "lost").astype(object), closed_at)
    return train(settled, facts, Settings(None, 30.0, 7, 1), None, lambda: 0.0, lambda *_: None)


@pytest.fixture(scope="module")
def refusal() -> str:
    with pytest.raises(TooGood) as refused:
        trained(*company(leak=0.96), config())
    return str(refused.value)


def test_a_leak_that_scoring_toml_calls_known_at_arrival_is_named_with_its_figures(refusal: str) -> None:
    assert "too good to be believed" in refusal
    (carrier,) = [line for line in refusal.splitlines() if line.startswith("  package: an AUC of 0.9")]
    assert "filled for 9" in carrier
    assert "of the won leads and 0% of the lost" in carrier
    assert "of the score" in carrier


def test_harmless_fields_are_not_blamed_for_it(refusal: str) -> None:
    assert not any(f"  {name}:" in refusal for name in ("age", "newsletter", "source"))


def test_it_says_what_to_do_either_way(refusal: str) -> None:
    assert 'known = "later"' in refusal
    assert "strong = true" in refusal
    assert refusal.endswith("Nothing was registered.")


def test_a_confirmed_field_may_carry_the_score_and_the_run_says_so() -> None:
    run = trained(*company(leak=0.96), config(package=True))
    assert run.notes[-1].startswith("an AUC of 0.9")
    assert run.notes[-1].endswith("is carried by what scoring.toml confirms as strong: package")


def test_to_confirm_another_field_is_not_enough() -> None:
    with pytest.raises(TooGood, match="  package: "):
        trained(*company(leak=0.96), config(job=True))


def test_an_honest_company_that_is_easy_to_tell_is_refused_until_its_fields_are_confirmed() -> None:
    raw, won = company(clarity=9.0)
    with pytest.raises(TooGood) as refused:
        trained(raw, won, config())
    named = [
        line.strip().split(":")[0]
        for line in str(refused.value).splitlines()
        if line.startswith("  ") and ": an" in line
    ]
    assert "job" in named
    assert "package" not in named
    run = trained(raw, won, config(**dict.fromkeys(named, True)))
    assert run.evaluation.metrics["auc"].value > 0.95


def test_an_ordinary_score_needs_no_word() -> None:
    run = trained(*company(), config())
    assert 0.6 < run.evaluation.metrics["auc"].value < 0.95
    assert not any("AUC" in note for note in run.notes)
