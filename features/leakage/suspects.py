"""Fields that are probably filled after the outcome, each with its reasons and their figures.

A field is suspected when it is filled almost only on one side, when a value or an absence almost decides,
when alone it ranks near perfectly, or when its timing gives it away. A name that speaks of the end lowers the
bar; it never decides.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from features.leakage.timing import find_suspicious_timing
from features.leakage.univariate import AucEstimate, FillRates, Group, compare_fill_rates, list_groups, univariate_auc
from features.schema_inference import column_names
from features.schema_inference.columns import Column, ColumnProfile
from features.schema_inference.outcome import MIN_SIDE, States
from stats.types import Mask, Times


@dataclass(frozen=True, slots=True)
class LeakageFinding:
    """Why a field is suspected, or, when it is not, why it is called strong; figures included."""

    suspect: tuple[str, ...] = ()
    strong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LeakageThresholds:
    """How much evidence makes a suspect."""

    auc: float
    auc_low: float
    odds_ratio: float
    fill_gap: float
    rate_won: float
    rate_lost_part: float
    coverage_won: float
    coverage_lost: float


PLAIN = LeakageThresholds(
    auc=0.92,
    auc_low=0.88,
    odds_ratio=20,
    fill_gap=0.30,
    rate_won=0.95,
    rate_lost_part=1 / 20,
    coverage_won=0.50,
    coverage_lost=0.20,
)
NAMED = LeakageThresholds(
    auc=0.75,
    auc_low=0.68,
    odds_ratio=4,
    fill_gap=0.15,
    rate_won=0.85,
    rate_lost_part=1 / 10,
    coverage_won=0.30,
    coverage_lost=0.10,
)
"""For a field whose name speaks of the end."""
COVERAGE_OF_FEW, COVERAGE_OF_FEW_LOST = 0.6, 0.4
"""The shares of wins, and of losses, that a value must decide where too few leads have it to be sure."""
COVERAGE_EVERYWHERE = 0.4
"""The share of wins that a value must decide in a field that all leads have."""

MOST_FLAG_VALUES = 12
CLOSED_APART = 20
SAYS_CLOSED, SAYS_OPEN = 0.97, 0.02
"""A value is of the closed leads where it is so many times as frequent among them; a field says who is closed where
such values hold this share of the closed leads, and no more than that of the open ones."""
SHOWN = 40


def find_leakage(profile: ColumnProfile, states: States, arrived: Times | None, seen: Times | None) -> LeakageFinding:
    """Look at one field; `arrived` are the leads' arrival times, `seen` its own where it holds dates."""
    word = column_names.end_word(profile.name)
    bar = NAMED if word else PLAIN
    suspect = list(find_suspicious_timing(profile, arrived, seen))
    strong: list[str] = []
    rows = states.won | states.losing
    if min(states.won.sum(), states.losing.sum()) >= MIN_SIDE:
        part = _select_rows(profile, rows)
        won = states.won[rows]
        area = univariate_auc(part, won)
        found = list(list_groups(part, won))
        suspect += _find_decisive(part, won, bar, area, found)
        strong += _find_strong(won, area, found)
    suspect += _find_only_closed(profile, states, arrived)
    if suspect and word:
        suspect.append(f'its name speaks of the end ("{word}")')
    return LeakageFinding(tuple(suspect), () if suspect else tuple(strong))


def _select_rows(profile: ColumnProfile, rows: Mask) -> ColumnProfile:
    column = Column(profile.name, profile.column.codes[rows], profile.column.texts)
    return ColumnProfile(column, profile.kind, numbers=profile.numbers)


def _find_decisive(
    profile: ColumnProfile, won: Mask, bar: LeakageThresholds, area: AucEstimate | None, found: list[Group]
) -> Iterator[str]:
    if not profile.column.texts:
        return
    filled = compare_fill_rates(profile, won)
    if _one_sided(filled, bar) and not _is_checkbox(profile):
        yield f"filled for {filled.won:.0%} of the won leads and {filled.lost:.0%} of the lost"
    everywhere = bar is PLAIN and bool(profile.column.filled.all())
    yield from _decides_won(found, won, bar, everywhere=everywhere)
    yield from _decides_lost(found, won, bar)
    if area and area.value >= bar.auc and area.value - 2 * area.error >= bar.auc_low:
        yield f"alone it ranks won before lost with an AUC of {area.value:.2f}"


def _is_checkbox(profile: ColumnProfile) -> bool:
    """A box that is ticked or empty: its absence is one of its two answers."""
    return len(profile.column.texts) == 1


def _one_sided(filled: FillRates, bar: LeakageThresholds) -> bool:
    odds = max(filled.odds_ratio, 1 / filled.odds_ratio)
    return odds >= bar.odds_ratio and abs(filled.won - filled.lost) >= bar.fill_gap and filled.p_value < 1e-6


def _decides_won(found: Iterable[Group], won: Mask, bar: LeakageThresholds, *, everywhere: bool) -> Iterator[str]:
    """`everywhere` is whether all leads have the field: one that tells of few wins alone is strong then, no suspect."""
    base = float(won.mean())
    wins = int(won.sum())
    sure = [group for group in found if group.rate >= bar.rate_won and 1 - group.rate <= (1 - base) / 10]
    best = _choose_widest(sure)
    if best is None:
        return
    coverage = best.wins / wins
    if _is_sure(best, coverage, bar) and (coverage >= COVERAGE_EVERYWHERE or not everywhere):
        yield f"where it is {best.label}, {best.rate:.0%} won ({base:.0%} of all), {coverage:.0%} of wins"


def _is_sure(group: Group, coverage: float, bar: LeakageThresholds) -> bool:
    """Whether it wins more surely than a strong source, which wins 92 % and may reach 95 %, or all of few, by chance.

    The surer the rate, the less it need cover.
    """
    if coverage >= COVERAGE_OF_FEW and group.wins == group.rows:
        return True
    return (coverage >= bar.coverage_won and _is_above(group, bar.rate_won - 0.03)) or (
        coverage >= 0.15 and _is_above(group, bar.rate_won)
    )


def _is_above(group: Group, rate: float) -> bool:
    return bool(stats.binomtest(group.wins, group.rows, rate, alternative="greater").pvalue < 0.05)


def _decides_lost(found: Iterable[Group], won: Mask, bar: LeakageThresholds) -> Iterator[str]:
    base = float(won.mean())
    losses = int((~won).sum())

    def never(group: Group) -> bool:
        expected = base * group.rows
        rare = group.wins <= expected * bar.rate_lost_part
        by_chance = 1e-3 if group.rows - group.wins >= COVERAGE_OF_FEW_LOST * losses else 1e-5
        return rare and float(stats.poisson.cdf(group.wins, expected)) < by_chance

    best = _choose_widest([group for group in found if never(group)])
    if best and (best.rows - best.wins) / losses >= bar.coverage_lost:
        coverage = (best.rows - best.wins) / losses
        yield f"where it is {best.label}, {best.rate:.2%} won ({base:.0%} of all), {coverage:.0%} of losses"


def _choose_widest(found: list[Group]) -> Group | None:
    """The values that decide taken together, unless one group alone is wider."""
    values = [group for group in found if group.is_value]
    if len(values) > 1:
        label = f"one of {len(values)} values such as {values[0].label}"
        found = [
            *found,
            Group(label, sum(group.rows for group in values), sum(group.wins for group in values)),
        ]
    return max(found, key=lambda group: group.rows, default=None)


def _find_strong(won: Mask, area: AucEstimate | None, found: list[Group]) -> Iterator[str]:
    base = float(won.mean())
    if area and area.value >= 0.7:
        yield f"alone it ranks won before lost with an AUC of {area.value:.2f}"
    best = max(found, key=lambda group: (group.rate, group.rows), default=None)
    if best and best.rate >= 0.8 and 1 - best.rate <= (1 - base) / 2:
        yield f"where it is {best.label}, {best.rate:.0%} of {best.rows:,} won ({base:.0%} of all)"


def _find_only_closed(profile: ColumnProfile, states: States, arrived: Times | None) -> Iterator[str]:
    """Filled for closed leads and for none of the open ones that came in the same time."""
    closed = (states.won | states.lost) & _arrived_with_open(states.open, arrived)
    fewest = min(closed.sum(), states.open.sum())
    if min(fewest, states.lost.sum()) < MIN_SIDE:
        return
    filled = profile.column.filled
    of_closed = float(filled[closed].mean())
    of_open = float(filled[states.open].mean())
    if of_closed >= 0.3 and of_open <= 0.02 and _is_filled_apart(filled[closed], filled[states.open]):
        yield f"filled for {of_closed:.0%} of the closed leads and {of_open:.0%} of the open ones"
    elif fewest >= 3 * MIN_SIDE:
        yield from _find_closed_flag(profile, closed, states.open)


def _is_filled_apart(closed: Mask, open_: Mask) -> bool:
    """Whether more of the closed leads are filled, beyond chance over some thirty fields, by Fisher's exact test."""
    table = [[rows.sum(), len(rows) - rows.sum()] for rows in (closed, open_)]
    return bool(stats.fisher_exact(table, alternative="greater").pvalue < 1e-4)


def _find_closed_flag(profile: ColumnProfile, closed: Mask, open_: Mask) -> Iterator[str]:
    """Values that nearly all closed leads have and hardly an open one: a flag that says whether a lead is closed."""
    column = profile.column
    if not 2 <= len(column.texts) <= MOST_FLAG_VALUES:
        return
    of_closed, of_open = (
        np.bincount(column.codes[rows] + 1, minlength=len(column.texts) + 1)[1:] for rows in (closed, open_)
    )
    telling = of_closed / closed.sum() > CLOSED_APART * of_open / open_.sum()
    share_closed = of_closed[telling].sum() / closed.sum()
    share_open = of_open[telling].sum() / open_.sum()
    if share_closed >= SAYS_CLOSED and share_open <= SAYS_OPEN:
        texts = [text[:SHOWN] for text, tells in zip(column.texts, telling, strict=True) if tells]
        label = texts[0] if len(texts) == 1 else f"one of {', '.join(texts[:3])}"
        yield f"{label} for {share_closed:.0%} of the closed leads and {share_open:.0%} of the open ones"


def _arrived_with_open(open_: Mask, arrived: Times | None) -> Mask:
    if arrived is None or not open_.any():
        return np.ones(len(open_), dtype=bool)
    known = np.sort(arrived[open_ & ~np.isnat(arrived)])
    return arrived >= known[len(known) // 10] if len(known) else np.ones(len(open_), dtype=bool)
