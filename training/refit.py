"""The model that is registered: the chosen recipe fitted once more, on all the leads it may learn from."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from features.lead_table import LeadTable
from training.band import Band
from training.baselines import fit_base_rate
from training.calibrate import Calibration
from training.contest import Entry
from training.learned import Learned
from training.model import ScoringModel
from training.ranking import Ranking
from training.recipe import Fitted
from training.tune import Examination

Vector = NDArray[np.float64]

RECENT_LEADS = 500
SHOWN_LEADS = 2_000


def refit(
    entry: Entry,
    everything: Learned,
    again: Examination | None,
    young: LeadTable,
    horizon_days: int,
    shares: tuple[float, ...],
    seed: int,
) -> ScoringModel:
    """Fit, calibrate on all that was predicted out of sample, and rank among recent leads.

    How many rounds each shape is worth is asked once more, of the examination `again`: the newest leads may hold
    signal that the older ones did not.
    """
    fitted, calibration = _fit(entry, everything, again, seed)
    probability = calibration.probability(entry.unseen.raw)
    additive = fitted.additive.measured_on(everything.lessons.X)
    model = ScoringModel(
        candidate=entry.run.name,
        encoder=everything.encoder,
        additive=additive,
        trees=fitted.trees,
        calibration=calibration,
        ranking=Ranking.of(probability, shares),
        band=Band.fit(entry.unseen.raw, entry.unseen.won),
        horizon_days=horizon_days,
    )
    if len(young) >= RECENT_LEADS:
        return replace(model, ranking=Ranking.of(model.probability(young), shares))
    if entry.candidate is None:  # rates are not fitted to single leads, so those they were fitted on rank as any other
        return replace(model, ranking=Ranking.of(calibration.probability(fitted.raw(everything.lessons.X)), shares))
    return model


def importance(model: ScoringModel, everything: Learned) -> dict[str, float]:
    """The mean size of each field's part in the raw score, in log-odds, over leads evenly spread."""
    rows = np.unique(np.linspace(0, len(everything.rows) - 1, SHOWN_LEADS).round().astype(np.intp))
    _, parts = model.explain(everything.lessons.X[rows])
    sizes = [float(np.abs(parts[:, span].sum(axis=1)).mean()) for span in model.encoder.spans]
    fields = (field.name for field in model.schema.arrival_fields)
    return dict(sorted(zip(fields, sizes, strict=True), key=lambda part: -part[1]))


def _fit(entry: Entry, everything: Learned, again: Examination | None, seed: int) -> tuple[Fitted, Calibration]:
    if entry.candidate is None:
        return Fitted(fit_base_rate(everything.encoder, everything.lessons)), Calibration()
    recipe = entry.candidate.recipe
    if again:
        recipe = recipe.with_rounds(again.fading(recipe.half_life).rounds)
    return recipe.fit(everything.lessons, seed), entry.unseen.calibration(seed)
