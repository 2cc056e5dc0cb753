"""The effect of a fast first attempt on winning, raw and adjusted for scores and fields.

Agents call the leads first that look best, so leads that were tried soon would have won more often anyway. Raw is the
plain difference; adjusted compares leads of the same score at arrival and, where fields are given, of like fields: a
score is learned from some leads only, and agents see what it misses (`stats.adjusted_by_fields`; without fields
`stats.adjusted`). Only matured leads count, and wins within the horizon.

No lead gets time that it could not have used: who was tried soon is settled at the moment the limit is reached.
- A lead that closed before that, untried, is on neither side: the team's speed had no say.
- A lead that won untried after that counts as tried later: it waited longer, and won. Not so where calls are logged in
  part: then it may well have been tried.
- A lead that was closed as lost untried, or that nobody tried within the horizon, is on neither side, for it cannot
  be told from one that nobody meant to try. Where leads were lost because they waited, the effect shown is too small.

A score that hardly tells leads apart adjusts nothing, and then nothing is said beyond the plain difference.

It stays observational: what agents see in a lead and no field shows is not adjusted for. So the effect is also told as
it would be if something hidden were half as telling as the score and the fields, and it counts as speed only if that
does not explain it. (Cinelli and Hazlett 2020 bound hidden reasons by seen ones in this way; the half is a judgement.)
A score that tells little, such as one of source and campaign alone, bounds nothing, so with it no effect counts as
speed. Nor does one that is more than one and a half times what went with score and fields: then agents called first
what no field shows, or nobody chose, and nothing tells the one from the other.

How many wins waiting cost is told only where the effect counts as speed, and so without the luck that made it count
(see `after_selection`).
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from analytics.leads_as_of import arrival_score
from analytics.response.waits import Waiting
from stats import adjusted, adjusted_by_fields
from stats.adjusted import ALIKE, Difference, relative_spread, tells_apart
from stats.estimates import Estimate, Z, exact_share, exact_shares, normal
from stats.selection_bias import after_selection
from stats.types import Mask, Vector


class Verdict(StrEnum):
    """What can be said of the effect of speed."""

    UNKNOWN = "unknown"
    NOISE = "within noise"
    MAY_BE_HIDDEN = "may be a hidden reason"
    SPEED = "speed"


LIMITS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 240, 480, 960, 2400))
BARS = tuple(timedelta(hours=hours) for hours in (0.25, 1, 4, 8, 24))
HIDDEN = 0.5
LEAST_TELLING = 0.2
MOST_LEFT = 1.5
ALMOST = 1 - 1e-9
NOT_SPEED = {
    Verdict.UNKNOWN: "",
    Verdict.NOISE: "the difference between leads called soon and later is no clear one",
    Verdict.MAY_BE_HIDDEN: "the difference may have another reason than speed",
}
SOON_IS_WORSE = "leads called soon were not won more often"
TOO_CLOSE = "the difference is too close to chance to be counted in wins"
USUAL_LIMIT = timedelta(hours=1)
UNADJUSTED = Difference(Estimate.unknown(ALIKE), Estimate.unknown(ALIKE), 0)


@dataclass(frozen=True)
class WaitBar:
    """Leads tried after more than `over` and at most `up_to` of working time (None is no limit).

    `raw` is the share of them that won, `adjusted` the share of all compared leads that would have, at their scores.
    """

    over: timedelta | None
    up_to: timedelta | None
    raw: Estimate
    adjusted: Estimate


@dataclass(frozen=True)
class SpeedEffect:
    """Winning among leads tried within the limit against leads tried later; observational.

    `raw` and `adjusted` are differences of shares, above 0 where soon is better. `missed` is how many more of the leads
    tried later would have won if tried within the limit, whatever the verdict. `compared` leads are on either side; of
    these, `without_overlap` are such that no comparison is possible, and `without_score` have no score, or none of the
    `by_fields` asked for. Those `closed_before` the limit and those `never_tried` are on neither side. `telling` is how
    far the score tells leads apart.
    """

    limit: timedelta
    soon: Estimate
    later: Estimate
    raw: Estimate
    adjusted: Estimate
    missed: Estimate
    bars: tuple[WaitBar, ...]
    compared: int
    without_overlap: int
    without_score: int
    closed_before: int
    never_tried: int
    telling: float
    by_fields: bool

    @property
    def explained(self) -> float | None:
        """The part of the raw difference that went with the score and the fields."""
        if self.raw.value is None or self.adjusted.value is None:
            return None
        return self.raw.value - self.adjusted.value

    @property
    def hidden_reason(self) -> float | None:
        """How telling a hidden reason would have to be to explain the adjusted effect, the score's telling being 1.

        None where the score explains nothing, or what it leaves points the other way.
        """
        if self.adjusted.value is None or not self.explained or self.explained * self.adjusted.value <= 0:
            return None
        return self.adjusted.value / self.explained

    @property
    def allowing_hidden(self) -> Estimate:
        """The adjusted effect, its interval widened by a hidden reason half as telling as the score, and like it."""
        seen, low, high = self.explained, self.adjusted.low, self.adjusted.high
        if seen is None or low is None or high is None:
            return self.adjusted
        return replace(self.adjusted, low=low - max(HIDDEN * seen, 0.0), high=high - min(HIDDEN * seen, 0.0))

    @property
    def verdict(self) -> Verdict:
        """What the adjusted effect is beyond: nothing, chance, or also a hidden reason half as telling."""
        if not self.adjusted.known:
            return Verdict.UNKNOWN
        if self.adjusted.covers(0.0):
            return Verdict.NOISE
        tells_enough = self.telling >= LEAST_TELLING and (self.hidden_reason or np.inf) <= MOST_LEFT
        is_bounded = tells_enough and not self.allowing_hidden.covers(0.0)
        return Verdict.SPEED if is_bounded else Verdict.MAY_BE_HIDDEN

    @property
    def wins_lost(self) -> Estimate:
        """The wins that waiting cost, known only where that is what the verdict says, and freed of its luck."""
        if self.verdict is not Verdict.SPEED:
            return Estimate.unknown(NOT_SPEED[self.verdict] or self.adjusted.reason, self.missed.n)
        effect, low, missed = self.adjusted.value, self.adjusted.low, self.missed.value
        if effect is None or low is None or missed is None or effect <= 0 or missed <= 0:
            return Estimate.unknown(SOON_IS_WORSE, self.missed.n)
        told = after_selection(effect, (effect - low) / Z, min(self._least_told(effect - low), effect * ALMOST), 0)
        if told.value is None or told.low is None or told.high is None or told.value <= 0:
            return Estimate.unknown(TOO_CLOSE, self.missed.n)
        wins = missed / effect
        return Estimate(wins * told.value, max(wins * told.low, 0.0), wins * told.high, self.missed.n)

    def _least_told(self, reach: float) -> float:
        """The effect above which the verdict is speed, given the raw difference and the reach of the interval."""
        raw = self.raw.value or 0.0
        return max(reach, (reach + HIDDEN * raw) / (1 + HIDDEN))


def effect_of_speed(waiting: Waiting, limit: timedelta | None = None, fields: csr_array | None = None) -> SpeedEffect:
    """Compare leads tried within the limit with those tried later.

    `fields` are all leads' fields in steps (leads of the facts, steps); then only leads are compared that have some.

    Without a limit, the one of `LIMITS` that divides the leads most evenly is taken; outcomes have no say in that.
    """
    leads = waiting.leads
    score, matured, won = arrival_score(leads), leads["matured"].to_numpy(), leads["won"].to_numpy()
    in_time = matured & waiting.tried_in_time
    chosen = limit or _even_limit(waiting.to_attempt[in_time])
    wait = np.where(waiting.tried, waiting.to_attempt, np.inf)
    closed_before = matured & (waiting.to_close < np.minimum(wait, chosen.total_seconds()))
    won_untried = matured & won if waiting.all_logged else in_time
    compared = (in_time | won_untried) & ~closed_before
    own = None if fields is None else csr_array(fields[leads.index.to_numpy()])
    has_fields = np.ones(len(leads), dtype=bool) if own is None else own.sum(axis=1) > 0
    rows = np.flatnonzero(compared & ~np.isnan(score) & has_fields)
    soon, wins = wait[rows] <= chosen.total_seconds(), won[rows]
    alike = _alike(score[rows], wait[rows], soon, wins, None if own is None else csr_array(own[rows]))
    return SpeedEffect(
        limit=chosen,
        soon=exact_share(int(wins[soon].sum()), int(soon.sum())),
        later=exact_share(int(wins[~soon].sum()), int((~soon).sum())),
        raw=_raw_difference(wins[soon], wins[~soon]),
        adjusted=alike.difference.effect,
        missed=alike.difference.missed,
        bars=_bars(alike.shares, wait[rows], wins),
        compared=int(compared.sum()),
        without_overlap=len(rows) - alike.difference.overlapping,
        without_score=int(compared.sum()) - len(rows),
        closed_before=int(closed_before.sum()),
        never_tried=int((matured & ~compared & ~closed_before).sum()),
        telling=relative_spread(score[rows]),
        by_fields=fields is not None,
    )


@dataclass(frozen=True)
class _Alike:
    """Like leads compared: those tried soon with the others, and the share won after each wait."""

    difference: Difference
    shares: list[Estimate]


def _alike(score: Vector, wait: Vector, soon: Mask, won: Mask, fields: csr_array | None) -> _Alike:
    bar, bars = _bar_of(wait), len(BARS) + 1
    found = adjusted.difference(score, soon, won)
    if fields is not None:
        described = adjusted_by_fields.describe(score, fields, soon, won)
        alone, found = found, adjusted_by_fields.difference(described, soon, won)
        found = adjusted_by_fields.allow_for_left_over(found, alone)
    if not tells_apart(score):
        return _Alike(UNADJUSTED if found.effect.known else found, [Estimate.unknown(ALIKE)] * bars)
    if fields is None:
        return _Alike(found, adjusted.adjusted_shares(score, bar, won, bars))
    return _Alike(found, adjusted_by_fields.adjusted_shares(score, described, bar, won, bars))


def _bar_of(wait: Vector) -> NDArray[np.intp]:
    return np.searchsorted([limit.total_seconds() for limit in BARS], wait, side="left")


def _even_limit(seconds: Vector) -> timedelta:
    if len(seconds) == 0:
        return USUAL_LIMIT
    return min(LIMITS, key=lambda limit: abs(float((seconds <= limit.total_seconds()).mean()) - 0.5))


def _raw_difference(soon: Mask, later: Mask) -> Estimate:
    """Difference of two shares, with the variance of Agresti and Caffo (2000)."""
    if not (len(soon) and len(later)):
        return Estimate.unknown("no leads to compare with")
    padded = [((side.sum() + 1) / (len(side) + 2), len(side) + 2) for side in (soon, later)]
    variance = sum(share * (1 - share) / size for share, size in padded)
    return normal(float(soon.mean() - later.mean()), variance, len(soon) + len(later))


def _bars(adjusted: list[Estimate], wait: Vector, won: Mask) -> tuple[WaitBar, ...]:
    bar = _bar_of(wait)
    wins, leads = (np.bincount(bar, weight, minlength=len(BARS) + 1) for weight in (won, np.ones(len(won))))
    raw = exact_shares(wins, leads)
    return tuple(WaitBar(*parts) for parts in zip((None, *BARS), (*BARS, None), raw, adjusted, strict=True))
