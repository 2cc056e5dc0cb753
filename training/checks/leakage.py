"""The leakage check: a score that ranks too well is refused until somebody confirms the fields that carry it.

A lead-scoring AUC above 0.95 is leakage until somebody says why. Whoever knows the company says it field by field in
scoring.toml: `known = "later"`, or `strong = true`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.config import ScoringConfig
from features.errors import Refused
from features.leakage.parsed import profile_parsed
from features.leakage.suspects import find_leakage
from features.leakage.univariate import univariate_ranking
from features.schema_inference.outcome import MIN_SIDE, States
from training.data.dataset import Dataset
from training.evaluation.evaluate import Evaluation, MetricEstimate

SUSPECT_AUC = 0.95
"""The AUC, of a score or of one field alone, that is believed only once it is confirmed."""
STRONG_ALONE = 0.90
"""The AUC alone from which a field is a suspect where the score is."""
CARRIED, EXAMINED = 0.5, 0.95
"""The share of the score that the most important fields carry together, and the share whose fields are examined."""


class SuspectedLeakage(Refused):
    """A score that ranks too well to be believed, carried by fields that nobody confirmed."""


@dataclass(frozen=True, slots=True)
class SuspectField:
    """A field that carries a score: the AUC it has alone, its share of the score, and what is odd about it."""

    name: str
    auc: float
    share: float
    signs: tuple[str, ...]

    def __str__(self) -> str:
        signs = "".join(f"; {sign}" for sign in self.signs)
        return f"{self.name}: an AUC of {self.auc:.2f} alone, {self.share:.0%} of the score{signs}"


def check_leakage(
    evaluation: Evaluation, dataset: Dataset, importance: Mapping[str, float], config: ScoringConfig
) -> tuple[str, ...]:
    """Notes on a score that does not rank too well, or whose suspect fields are all confirmed.

    Raises:
        SuspectedLeakage: with every suspect field that is not confirmed, and what to do.
    """
    auc = evaluation.metrics["auc"]
    enough = min(evaluation.wins, evaluation.leads - evaluation.wins) >= MIN_SIDE  # a handful is ranked right by luck
    suspects = find_suspect_fields(dataset, importance, config, suspect_score=enough and auc.value > SUSPECT_AUC)
    unconfirmed = [field for field in suspects if not config.fields[field.name].strong]
    if unconfirmed:
        raise SuspectedLeakage(_describe_suspects(auc, evaluation.leads, unconfirmed, config))
    if not suspects:
        return ()
    confirmed = ", ".join(field.name for field in suspects)
    return (f"an AUC of {auc:.2f} is carried by what {config.path.name} confirms as strong: {confirmed}",)


def find_suspect_fields(
    dataset: Dataset, importance: Mapping[str, float], config: ScoringConfig, *, suspect_score: bool
) -> list[SuspectField]:
    """The fields that alone rank too well; of a `suspect_score`, those that make up half of it as well.

    `importance` is each field's mean absolute SHAP value.
    """
    total, wins = sum(importance.values()), dataset.won.sum()
    limit = SUSPECT_AUC if min(wins, len(dataset) - wins) >= MIN_SIDE else 1.0
    before, found = 0.0, []
    for name, value in sorted(importance.items(), key=lambda pair: -pair[1]):
        if value == 0 or before >= EXAMINED:
            break
        field = _examine_field(name, value / total, dataset, config)
        if field.auc > limit or (suspect_score and (before < CARRIED or field.auc >= STRONG_ALONE)):
            found.append(field)
        before += field.share
    return found


def _examine_field(name: str, share: float, dataset: Dataset, config: ScoringConfig) -> SuspectField:
    won = dataset.won > 0.5
    profile = profile_parsed(name, config.fields[name].kind, dataset.leads.fields[name])
    finding = find_leakage(profile, States(won, ~won, np.zeros_like(won)), dataset.leads.created_at, None)
    auc = univariate_ranking(profile, won)
    signs = (sign for sign in (*finding.suspect, *finding.strong) if f"AUC of {auc:.2f}" not in sign)
    return SuspectField(name, auc, share, tuple(signs))


def _describe_suspects(auc: MetricEstimate, leads: int, unconfirmed: list[SuspectField], config: ScoringConfig) -> str:
    score = f"the score has an AUC of {auc:.2f} on {leads:,} leads"
    lines = [
        f"{score}, and it, or a field alone, is too good to be believed before somebody says why. These carry it:",
        *(f"  {field}" for field in unconfirmed),
        f"Of each of them say, in {config.path}:",
        '  known = "later"  if it is filled in, or changed, after the lead arrives; then it feeds no score',
        "  strong = true    if it is known when the lead arrives and truly tells that much",
        "Nothing was registered.",
    ]
    return "\n".join(lines)
