"""Whether a score is too good to be believed: what it promised and what each field tells alone in, a refusal out.

A lead-scoring AUC above 0.95 is a leak until somebody says why. Whoever knows the company says it field by field in
scoring.toml: `known = "later"`, or `strong = true`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.config import ScoringConfig
from features.leakage.parsed import profile_parsed
from features.leakage.suspects import find_leakage
from features.leakage.univariate import univariate_ranking
from features.refused import Refused
from features.schema_inference.outcome import MIN_SIDE, States
from training.evaluation.evaluate import Estimate, Evaluation
from training.labels.states import Dataset

TOO_GOOD = 0.95
"""The AUC, of a score or of one field alone, that is believed only once it is confirmed."""
STRONG_ALONE = 0.90
"""The AUC alone from which a field is among those that carry a score that is too good."""
CARRIED, LOOKED_AT = 0.5, 0.95
"""The share of the score that the most important fields carry together, and the share whose fields are looked at."""


class TooGood(Refused):
    """A score that is too good to be believed, carried by fields of which nobody said that it is right."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """A field that carries a score: the AUC it has alone, its share of the score, and what is odd about it."""

    name: str
    auc: float
    share: float
    signs: tuple[str, ...]

    def __str__(self) -> str:
        signs = "".join(f"; {sign}" for sign in self.signs)
        return f"{self.name}: an AUC of {self.auc:.2f} alone, {self.share:.0%} of the score{signs}"


def explained(
    evaluation: Evaluation, dataset: Dataset, importance: Mapping[str, float], config: ScoringConfig
) -> tuple[str, ...]:
    """Let a score pass that is not too good, or whose carriers are all confirmed; what to note of it.

    Raises:
        TooGood: with every field that carries the score and is not confirmed, and what to do.
    """
    auc = evaluation.metrics["auc"]
    judged = min(evaluation.wins, evaluation.leads - evaluation.wins) >= MIN_SIDE  # a handful is ranked right by luck
    found = carriers(dataset, importance, config, too_good=judged and auc.value > TOO_GOOD)
    doubtful = [carrier for carrier in found if not config.fields[carrier.name].strong]
    if doubtful:
        raise TooGood(_told(auc, evaluation.leads, doubtful, config))
    confirmed = ", ".join(carrier.name for carrier in found)
    return (f"an AUC of {auc:.2f} is carried by what {config.path.name} confirms as strong: {confirmed}",) * bool(found)


def carriers(
    dataset: Dataset, importance: Mapping[str, float], config: ScoringConfig, *, too_good: bool
) -> list[Carrier]:
    """The fields that alone rank too well; of a score that is too good, those that make up half of it as well."""
    total, wins = sum(importance.values()), dataset.won.sum()
    alone = TOO_GOOD if min(wins, len(dataset) - wins) >= MIN_SIDE else 1.0
    before, found = 0.0, []
    for name, part in sorted(importance.items(), key=lambda pair: -pair[1]):
        if part == 0 or before >= LOOKED_AT:
            break
        carrier = _looked_at(name, part / total, dataset, config)
        if carrier.auc > alone or (too_good and (before < CARRIED or carrier.auc >= STRONG_ALONE)):
            found.append(carrier)
        before += carrier.share
    return found


def _looked_at(name: str, share: float, dataset: Dataset, config: ScoringConfig) -> Carrier:
    won = dataset.won > 0.5
    profile = profile_parsed(name, config.fields[name].kind, dataset.leads.fields[name])
    finding = find_leakage(profile, States(won, ~won, np.zeros_like(won)), dataset.leads.created_at, None)
    auc = univariate_ranking(profile, won)
    signs = (sign for sign in (*finding.suspect, *finding.strong) if f"AUC of {auc:.2f}" not in sign)
    return Carrier(name, auc, share, tuple(signs))


def _told(auc: Estimate, leads: int, doubtful: list[Carrier], config: ScoringConfig) -> str:
    score = f"the score has an AUC of {auc:.2f} on {leads:,} leads"
    lines = [
        f"{score}, and it, or a field alone, is too good to be believed before somebody says why. These carry it:",
        *(f"  {carrier}" for carrier in doubtful),
        f"Of each of them say, in {config.path}:",
        '  known = "later"  if it is filled in, or changed, after the lead arrives; then it feeds no score',
        "  strong = true    if it is known when the lead arrives and truly tells that much",
        "Nothing was registered.",
    ]
    return "\n".join(lines)
