"""Outcomes that arrive late (docs/methods.md): what each way of reading them costs, also where it is wrong."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.special import expit

from features.history import NEVER, History
from tests.conftest import Prove
from tests.proofs import Proof
from tests.training.funnels import FIRST_DAY, QUICK, SLOW, Source, day, funnel, schema
from training.data.dataset import Dataset, TooFewOutcomes, make_dataset
from training.data.encoded_samples import EncodedSamples
from training.labels.policy import LabelPolicy, SnapshotBuilder, choose_label_policy
from training.labels.states import cut_history
from training.models.baselines import fit_base_rate

LEADS, RUNS, BEYOND = 6_000, 40, 0.001

PROOF = Proof(
    "Outcomes that arrive late",
    "6,000 leads of a source of 20 % that wins after 10 days and one of 25 % that wins after 90; the rates per source "
    "that are learned from them, with what is open taken for lost, from matured leads only, and with young leads too. "
    "Shown are the two rates in per cent, true and learned, and the log loss above the truth's in thousandths; and "
    "how often the way that training chose was worse than matured leads only by more than a thousandth. Each "
    "run says which way it took, with the losses of both on the leads before the test.",
    "the chosen way is worse on average than matured leads only, or the better source does not look better",
)


@dataclass(frozen=True)
class World:
    """What is known on day `as_of`, after `changed` had its way with the facts; `truth` is what sources truly are."""

    says: str
    as_of: int
    horizon: int = 90
    shape: float = 1.0
    changed: Callable[[History, int], History] = lambda facts, _: facts
    truth: tuple[Source, Source] = (QUICK, SLOW)

    @property
    def rates(self) -> np.ndarray:
        """Won within the horizon, in truth (2,)."""
        return np.array([replace(source, shape=self.shape).within(self.horizon) for source in self.truth])

    def history(self, seed: int) -> History:
        sources = {"quick": replace(QUICK, shape=self.shape), "slow": replace(SLOW, shape=self.shape)}
        return cut_history(self.changed(funnel(sources, LEADS, self.as_of, seed), self.as_of), day(self.as_of))


def slower(facts: History, as_of: int) -> History:
    """Whoever came in the second half takes three times as long."""
    arrived, closed_at = facts.leads.created_at, facts.closed_at
    assert arrived is not None
    assert closed_at is not None
    late = arrived > FIRST_DAY + np.timedelta64(as_of // 2, "D")
    return replace(facts, closed_at=np.where(late, arrived + 3 * (closed_at - arrived), closed_at))


def cut_off(facts: History, as_of: int) -> History:
    """No win of the last twenty days is on record."""
    assert facts.closed_at is not None
    gone = facts.closed_at > FIRST_DAY + np.timedelta64(as_of - 20, "D")
    status = np.where(gone, None, facts.status).astype(object)
    return replace(facts, status=status, closed_at=np.where(gone, NEVER, facts.closed_at))


WORLDS = (
    World("day 120", 120),
    World("day 180", 180),
    World("day 400", 400),
    World("day 180, within a year", 180, 365),
    World("Weibull delays of shape 0.7, day 180", 180, shape=0.7),
    World("Weibull delays of shape 1.6, day 180", 180, shape=1.6),
    World(
        "winners become three times slower, day 400", 400, changed=slower, truth=(Source(0.2, 30), Source(0.25, 270))
    ),
    World("no win of the last 20 days is on record, day 400", 400, changed=cut_off),
)


def learned(dataset: Dataset, horizon: int) -> np.ndarray:
    """The rates (2,) of the quick source and of the slow one."""
    examples = EncodedSamples.from_rows(dataset, np.arange(len(dataset)), schema(horizon))
    assert dataset.leads.source is not None
    first = [int(np.flatnonzero(dataset.leads.source.codes == code)[0]) for code in (0, 1)]
    return expit(
        fit_base_rate(examples.encoder, examples.samples).raw_score(
            examples.encoder.encode(dataset.leads.take(np.array(first)))
        )
    )


def above_the_truth(rates: np.ndarray, truth: np.ndarray) -> float:
    parts = truth * np.log(truth / rates) + (1 - truth) * np.log((1 - truth) / (1 - rates))
    return float(parts.mean())


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS, ids=lambda world: world.says)
def test_no_way_to_read_late_outcomes_is_worse_than_matured_leads_alone(world: World, prove: Prove) -> None:
    found: dict[str, list[np.ndarray]] = {"open as lost": [], "matured only": [], "young too": [], "chosen": []}
    for seed in range(RUNS):
        facts, now = world.history(seed), day(world.as_of)
        builder = SnapshotBuilder(facts, schema(world.horizon), world.horizon, seed=7)
        ways = {policy: replace(builder, policy=policy) for policy in LabelPolicy}
        naive = make_dataset(facts, now, world.horizon, include_young=True)
        found["open as lost"].append(learned(naive, world.horizon))
        late = learned(ways[LabelPolicy.DELAY_CORRECTED].build(now), world.horizon)
        try:
            matured = learned(ways[LabelPolicy.MATURED_ONLY].build(now), world.horizon)
        except TooFewOutcomes:
            matured = np.full(2, np.nan)
        found["matured only"].append(matured)
        found["young too"].append(late)
        found["chosen"].append(late if choose_label_policy(builder, now)[0] is LabelPolicy.DELAY_CORRECTED else matured)
    loss = {policy: np.array([above_the_truth(rates, world.rates) for rates in runs]) for policy, runs in found.items()}
    means = {policy: np.mean(runs, axis=0) for policy, runs in found.items()}
    worse = int((loss["chosen"] > loss["matured only"] + BEYOND).sum())
    prove(
        PROOF,
        world.says,
        RUNS,
        f"true {_per_cent(world.rates)}; "
        + "; ".join(f"{policy} {_per_cent(means[policy])}, loss {1_000 * loss[policy].mean():.1f}" for policy in found)
        + f"; chosen is worse in {worse}",
    )
    if not np.isnan(loss["matured only"]).any():
        assert loss["chosen"].mean() <= loss["matured only"].mean() + BEYOND
    if world.changed is not slower:
        assert means["chosen"][1] > means["chosen"][0] or world.rates[1] < world.rates[0]


def _per_cent(rates: np.ndarray) -> str:
    return "none can tell" if np.isnan(rates).any() else " and ".join(f"{100 * rate:.1f}" for rate in rates)
