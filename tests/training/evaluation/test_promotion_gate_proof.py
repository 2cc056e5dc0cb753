"""The gate over many retrains: what passes although it is worth nothing, what is held although it is worth it."""

import time
from dataclasses import dataclass

import numpy as np
import pytest
from scipy.special import expit

from features.config import ScoringConfig
from tests.conftest import Prove
from tests.proofs import Proof
from tests.training.leads import config, history
from training.data.lead_hashes import hash_leads
from training.evaluation.holdout import Champion
from training.evaluation.promotion_gate import Decision, compare, find_regressed_sources
from training.pipeline import Settings, train
from training.training_run import TrainingRun

CHAMPION_SEED = 10_000
LOG_3 = float(np.log(3))

GATE = Proof(
    "The gate",
    "Whole training runs, each on leads of its own, against a champion that learned from others: on noise, which the "
    "rates fit as well as anything does; and on leads with fields that say much and that the champion does not know.",
    "a model is promoted on more than 5 % of the runs on noise, or on less than 80 % of those with a real gain",
)
SOURCES = Proof(
    "The gate's look at single sources",
    "Challengers that err less than the champion for every source, and others that err less over all but misjudge one "
    "source by a factor of three in the odds. Of those that are better overall, the rule holds some.",
    "it holds more than 5 % of the good ones, or less than 80 % of the others where a source has 800 leads, less than "
    "50 % where it has 400",
)


def retrained(seed: int, leads: int, signal: float, champion: Champion) -> Decision:
    settings = Settings(as_of=None, budget_s=20, seed=seed, trials=1)
    return run(config(), leads, seed, signal, settings, champion).decision


def champion_of(chosen: ScoringConfig, leads: int, signal: float) -> Champion:
    """A model that learned from other leads than all that come after it."""
    settings = Settings(as_of=None, budget_s=20, seed=7, trials=1)
    done = run(chosen, leads, CHAMPION_SEED, signal, settings, None)
    return Champion(done.model, hash_leads(done.dataset.leads.lead_id))


def run(
    chosen: ScoringConfig, leads: int, seed: int, signal: float, settings: Settings, champion: Champion | None
) -> TrainingRun:
    known = history(leads, seed, signal=signal)
    return train(chosen, known, settings, champion, time.monotonic, in_silence)


def in_silence(what: str, share: float) -> None:
    """Nobody listens to how far a run is."""


def without_the_fields_that_say_much() -> ScoringConfig:
    full = config()
    return full.model_copy(update={"fields": {name: full.fields[name] for name in ("age", "source")}})


@pytest.mark.slow
def test_noise_is_promoted_in_no_more_than_one_run_of_twenty(prove: Prove) -> None:
    leads, runs = 700, 200
    champion = champion_of(config(), leads, 0.0)
    decisions = [retrained(seed, leads, 0.0, champion) for seed in range(runs)]
    models = sum(decision.beats_base_rate and decision.promoted for decision in decisions)
    rates = sum(decision.promoted and not decision.beats_base_rate for decision in decisions)
    figures = f"{models} of {runs} models are promoted; {rates} times newer rates are, in place of the champion's"
    prove(GATE, f"noise, {leads:,} leads", runs, figures)
    assert models <= 0.05 * runs


@pytest.mark.slow
def test_a_real_gain_is_promoted_in_at_least_four_runs_of_five(prove: Prove) -> None:
    leads, runs = 1_500, 200
    champion = champion_of(without_the_fields_that_say_much(), leads, 1.0)
    promoted = sum(retrained(seed, leads, 1.0, champion).promoted for seed in range(runs))
    prove(GATE, f"a real gain, {leads:,} leads", runs, f"{promoted} of {runs} challengers are promoted")
    assert promoted >= 0.8 * runs


@dataclass(frozen=True)
class World:
    """`leads` judged, of `sources` equal sources; how far champion and challenger err, and how far at one source."""

    leads: int
    sources: int
    theirs: float = 0.6
    mine: float = 0.3
    astray: float = 0.0

    def judged(self, seed: int) -> tuple[bool, bool]:
        """Whether the challenger is better overall, and whether any source is found to lose by it."""
        rng = np.random.default_rng([seed, self.leads, self.sources])
        source = rng.integers(0, self.sources, self.leads).astype(str)
        truth = rng.normal(-1.5, 1, self.leads)
        won = (rng.random(self.leads) < expit(truth)).astype(float)
        mine, theirs = (truth + rng.normal(0, error, self.leads) for error in (self.mine, self.theirs))
        mine = expit(mine + self.astray * (source == "0"))
        better = compare(mine, expit(theirs), won, "it", seed).better
        return better, bool(find_regressed_sources(mine, expit(theirs), won, source, "it", seed))


def held(world: World, runs: int) -> tuple[int, int]:
    """How many are better overall, and how many of these are held."""
    judged = [world.judged(seed) for seed in range(runs)]
    return sum(better for better, _ in judged), sum(better and harmed for better, harmed in judged)


def test_a_good_challenger_is_seldom_held_and_one_that_misjudges_a_source_mostly_is() -> None:
    better, wrongly = held(World(2_000, 5), 12)
    assert better >= 8
    assert wrongly <= 1
    worse, rightly = held(World(4_000, 5, theirs=0.7, astray=LOG_3), 16)
    assert rightly >= 0.8 * worse > 3


@pytest.mark.slow
@pytest.mark.parametrize("sources", [2, 5, 10])
def test_the_look_at_sources_does_not_hold_good_models_by_chance(sources: int, prove: Prove) -> None:
    better, wrongly = held(World(2_000, sources, theirs=0.5), 400)
    prove(SOURCES, f"better for all of {sources} sources, 2,000 leads", 400, f"{wrongly} of {better} held")
    assert wrongly <= 0.05 * better


@pytest.mark.slow
@pytest.mark.parametrize(("leads", "sources", "least"), [(4_000, 5, 0.8), (8_000, 10, 0.8), (4_000, 10, 0.5)])
def test_a_source_that_would_lose_is_seen(leads: int, sources: int, least: float, prove: Prove) -> None:
    """With 400 leads a source some cannot be told from chance."""
    better, rightly = held(World(leads, sources, theirs=0.7, astray=LOG_3), 200)
    prove(SOURCES, f"astray for one of {sources} sources, {leads:,} leads", 200, f"{rightly} of {better} held")
    assert rightly >= least * better > 0
