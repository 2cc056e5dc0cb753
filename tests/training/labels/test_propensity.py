"""Leads that were called because they scored high, with the truth planted: where logged scores help, and where not."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pytest
from scipy.special import expit

from features.history import NEVER, History
from features.lead_table import LeadTable, parse_leads
from stats.types import Vector
from tests.conftest import Prove
from tests.proofs import Proof
from tests.training.leads import DAY, appeal, config, history, raw_leads
from training.data.dataset import make_dataset
from training.data.encoded_samples import EncodedSamples
from training.labels.propensity import LEAST_CHANCE, inverse_propensity_weights
from training.models.baselines import fit_base_rate
from training.models.logistic import fit_logistic
from training.pipeline import Settings, train

Learner = Callable[[History, LeadTable], Vector]

LEADS, HOT, OTHERS = 3_000, 0.95, 0.1
BASE, UNSEEN = -1.0, 1.0

PROOF = Proof(
    "Called because scored high",
    "Of 3,000 leads 95 % of the best third by an earlier score were called, and 10 % of the others; or as many by "
    "chance; or those whom an agent liked for what no field shows. Each history is learned from without [propensity] "
    "and with it, and judged by 20,000 leads as they arrive: log loss above the truth's in thousandths of a nat, and "
    "predicted over true wins.",
    "logged scores do not help the rates where the score decided, or harm them where chance did",
)


@dataclass(frozen=True)
class World:
    """A history in which some leads were called, the same with its scores logged, leads to come and their chances."""

    plain: History
    logged: History
    leads: LeadTable
    chance: Vector

    def judged(self, learner: Learner, facts: History) -> tuple[float, float]:
        """Log loss above the truth's, and predicted over true wins."""
        p = np.clip(learner(facts, self.leads), 1e-6, 1 - 1e-6)
        lost = self.chance * np.log(self.chance / p) + (1 - self.chance) * np.log((1 - self.chance) / (1 - p))
        return float(lost.mean()), float(p.sum() / self.chance.sum())


def called_by_score(score: Vector, liked: Vector) -> Vector:
    return np.where(score > np.quantile(score, 2 / 3), HOT, OTHERS)


def called_by_chance(score: Vector, liked: Vector) -> Vector:
    return np.full(len(score), (HOT + 2 * OTHERS) / 3)


def called_by_liking(score: Vector, liked: Vector) -> Vector:
    return np.where(liked > np.quantile(liked, 2 / 3), HOT, OTHERS)


def world(seed: int, called: Callable[[Vector, Vector], Vector], leads: int = LEADS) -> World:
    """What an agent likes counts for winning too, where it decides who is called."""
    rng = np.random.default_rng([seed, 5])
    facts, raw, later = history(leads, seed), raw_leads(leads, seed), raw_leads(20_000, seed + 10_000)
    liked, hidden = rng.normal(size=leads), UNSEEN * (called is called_by_liking)
    won = rng.random(leads) < expit(BASE + appeal(raw) + hidden * liked)
    score = expit(BASE + 0.8 * appeal(raw) + rng.normal(0, 0.3, leads))
    worked = rng.random(leads) < called(score, liked)
    arrived = facts.leads.created_at
    assert arrived is not None
    plain = replace(
        facts,
        status=np.where(worked, np.where(won, "won", "lost"), None).astype(object),
        closed_at=np.where(worked & won, arrived + 10 * DAY, NEVER),
        first_contact_at=np.where(worked, arrived + DAY, NEVER),
    )
    points, shares = np.polynomial.hermite_e.hermegauss(15)
    chance = expit(BASE + appeal(later)[:, None] + hidden * points) @ (shares / shares.sum())
    return World(
        plain=plain,
        logged=replace(plain, predicted=score, scored_at=arrived),
        leads=parse_leads(later, config().lead_schema),
        chance=chance,
    )


def rates(facts: History, leads: LeadTable) -> Vector:
    learned = _learned(facts)
    return expit(fit_base_rate(learned.encoder, learned.samples).raw_score(learned.encoder.encode(leads)))


def logistic(facts: History, leads: LeadTable) -> Vector:
    learned = _learned(facts)
    return expit(fit_logistic(learned.samples).raw_score(learned.encoder.encode(leads)))


def whole_training(facts: History, leads: LeadTable) -> Vector:
    settings = Settings(as_of=None, budget_s=20, seed=7, trials=1)
    return train(config(), facts, settings, None, time.monotonic, lambda *_: None).model.probability(leads)


def _learned(facts: History) -> EncodedSamples:
    dataset = make_dataset(facts, None, 30)
    return EncodedSamples.from_rows(dataset, np.arange(len(dataset)), config().lead_schema)


def test_rates_of_the_leads_that_were_called_promise_too_much_and_logged_scores_mend_it() -> None:
    made = world(1, called_by_score)
    loss, level = made.judged(rates, made.plain)
    better, mended = made.judged(rates, made.logged)
    assert level > 1.5
    assert mended == pytest.approx(1.0, abs=0.1)
    assert better < loss - 0.05


def test_where_chance_decided_logged_scores_change_next_to_nothing() -> None:
    made = world(2, called_by_chance)
    for learner in (rates, logistic):
        (loss, level), (as_good, as_level) = (made.judged(learner, facts) for facts in (made.plain, made.logged))
        assert as_good == pytest.approx(loss, abs=0.002)
        assert as_level == pytest.approx(level, abs=0.03)


def test_what_no_score_knew_cannot_be_mended_by_one() -> None:
    made = world(3, called_by_liking)
    assert made.judged(rates, made.plain)[1] > 1.3
    assert made.judged(rates, made.logged)[1] > 1.3


def test_a_contacted_lead_represents_those_that_scored_alike() -> None:
    rng = np.random.default_rng(1)
    score = rng.uniform(0.02, 0.6, 8_000)
    worked = rng.random(8_000) < np.where(score > 0.3, 0.9, 0.2)
    weight, said = inverse_propensity_weights(score, worked, matured=np.ones(8_000, dtype=bool))
    assert weight[score > 0.35].mean() == pytest.approx(1 / 0.9, rel=0.05)
    assert weight[score < 0.25].mean() == pytest.approx(1 / 0.2, rel=0.1)
    assert weight[worked].sum() == pytest.approx(8_000, rel=0.05)
    assert said[0].startswith(f"{worked.mean():.0%} of the 8,000 matured leads with a logged score were worked; each")


def test_one_lucky_call_does_not_outweigh_all_others() -> None:
    rng = np.random.default_rng(2)
    score = rng.uniform(0.02, 0.6, 4_000)
    worked = score > 0.3
    worked[score.argmin()] = True
    weight, (said,) = inverse_propensity_weights(score, worked, matured=np.ones(4_000, dtype=bool))
    assert weight.max() <= 1 / LEAST_CHANCE
    assert "hardly any like them is worked, and for those a prediction is a guess" in said


def test_leads_that_were_not_scored_count_by_their_own_share_and_young_ones_show_nothing() -> None:
    scored = np.arange(2_000) < 1_000
    worked = np.where(scored, np.arange(2_000) % 4 == 0, np.arange(2_000) % 2 == 0)
    young = np.arange(2_000) >= 1_900
    worked[young] = False
    promised = np.where(scored, np.random.default_rng(3).uniform(0, 1, 2_000), np.nan)
    weight, _ = inverse_propensity_weights(promised, worked, matured=~young)
    assert weight[scored].mean() == pytest.approx(4, rel=0.05)
    assert weight[~scored].tolist() == pytest.approx([2.0] * 1_000, rel=0.01)


@pytest.mark.parametrize(
    ("promised", "said"),
    [
        (None, ()),
        (np.full(9, np.nan), ("no lead that has matured was scored in time, so all worked leads count alike",)),
    ],
)
def test_without_scores_every_lead_stands_for_itself(promised: Vector | None, said: tuple[str, ...]) -> None:
    weight, told = inverse_propensity_weights(promised, np.arange(9) % 3 == 0, matured=np.ones(9, dtype=bool))
    assert (weight.tolist(), told) == ([1.0] * 9, said)


def test_scores_given_on_the_as_of_date_or_later_are_not_seen() -> None:
    made, as_of = world(4, called_by_score), datetime(2025, 9, 1, tzinfo=UTC)
    rescored = np.random.default_rng(4).permutation(made.logged.predicted)
    late = np.where(np.arange(LEADS) % 2 == 0, made.logged.scored_at, np.datetime64(as_of.date(), "us"))
    hidden = replace(made.logged, predicted=np.where(np.arange(LEADS) % 2 == 0, made.logged.predicted, np.nan))
    shown = replace(made.logged, predicted=np.where(np.arange(LEADS) % 2 == 0, made.logged.predicted, rescored))
    one, other = (make_dataset(replace(facts, scored_at=late), as_of, 30) for facts in (hidden, shown))
    assert one.sample_weight.tolist() == other.sample_weight.tolist()
    assert one.sample_weight.std() > 0.1


def test_evaluated_leads_count_for_those_they_represent() -> None:
    dataset = make_dataset(world(5, called_by_score).logged, None, 30)
    assert dataset.sample_weight.mean() == pytest.approx(1.0)
    _, weight = dataset.evaluation_targets(dataset.leads.lead_id)
    assert weight.tolist() == dataset.sample_weight.tolist()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("learner", "runs"), [(rates, 30), (logistic, 30), (whole_training, 10)], ids=["rates", "logistic", "training"]
)
@pytest.mark.parametrize("called", [called_by_score, called_by_chance, called_by_liking])
def test_where_it_helps_and_where_it_hurts(
    learner: Learner, runs: int, called: Callable[..., Vector], prove: Prove
) -> None:
    found = np.array([_both(world(seed, called), learner) for seed in range(runs)])
    (loss, level), (with_loss, with_level) = found.mean(axis=0)
    gain = 1_000 * (found[:, 0, 0] - found[:, 1, 0])
    error = gain.std() / np.sqrt(runs)
    figures = (
        f"log loss {1_000 * loss:.1f} without, {1_000 * with_loss:.1f} with: gain {gain.mean():+.1f} ± {error:.1f}; "
        f"predicted over true {level:.2f} and {with_level:.2f}"
    )
    setting = f"{called.__name__.replace('_', ' ')}, {learner.__name__.replace('_', ' ')}"
    prove(PROOF, setting, runs, figures)
    if learner is rates and called is called_by_score:
        assert gain.mean() > 10 * error
        assert with_level == pytest.approx(1.0, abs=0.05)
    if learner is rates and called is called_by_chance:
        assert abs(gain.mean()) < 1.0


def _both(made: World, learner: Learner) -> list[tuple[float, float]]:
    return [made.judged(learner, facts) for facts in (made.plain, made.logged)]
