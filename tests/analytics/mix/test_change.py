import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.leads_as_of.groups import Period
from analytics.mix.cells import compare_cells
from analytics.mix.change import Change, compare, graded, smallest_change
from analytics.mix.printed import printed, printed_parts
from analytics.mix.verdict import is_clear
from analytics.mix.words import change_sentences
from simulation.company import Simulation, simulate
from stats.estimates import Estimate
from tests.analytics.mix.two_periods import AFTER, BEFORE, COMPANIES, SOURCES, Company
from tests.analytics.tables import facts, known, matured
from tests.conftest import Prove
from tests.proofs import Proof

UNTIL = dt.date(2026, 7, 1)
COVERAGE = Proof(
    "Mix and handling: the intervals",
    "Leads and wins are drawn from known chances, which are the reference too, before a change and after it; how often "
    "the 95 % intervals hold the true change and its true parts. Hidden quality is a change that no field shows: by "
    "definition it is in handling.",
    "an interval holds the truth in fewer than 93 % or more than 97 % of the runs",
)
BOOTSTRAP = Proof(
    "Mix and handling: closed form and bootstrap",
    "The width of each interval beside that from drawing leads anew.",
    "any two differ by more than a tenth",
)


@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
@settings(max_examples=50)
def test_the_parts_add_up_to_the_change_exactly(seed: int, n: int) -> None:
    drawn = COMPANIES[3].draw(np.random.default_rng(seed), n)
    won = drawn.leads["won"].to_numpy()
    change = compare(drawn, BEFORE, AFTER)
    assert change.total.value == pytest.approx(won[n:].mean() - won[:n].mean(), abs=1e-9)
    assert change.mix.value + change.handling.value == pytest.approx(change.total.value, abs=1e-9)
    for parts in (one.rows for one in change.parts):
        assert sum(part.mix.value for part in parts) == pytest.approx(change.mix.value, abs=1e-9)
        assert sum(part.handling.value for part in parts) == pytest.approx(change.handling.value, abs=1e-9)


@given(st.integers(0, 2**32 - 1), st.integers(2, 60))
@settings(max_examples=50)
def test_the_parts_of_cells_add_up_too(seed: int, n: int) -> None:
    cells = compare_cells(COMPANIES[3].draw(np.random.default_rng(seed), n), BEFORE, AFTER, seed=1)
    assert cells.mix.value + cells.handling.value == pytest.approx(cells.total.value, abs=1e-9)
    assert sum(part.mix.value for part in cells.parts) == pytest.approx(cells.mix.value, abs=1e-9)


def two_sources(before: list[int], after: list[int], won: tuple[list[int], list[int]], reference=(0.1, 0.3)) -> object:
    """Leads of sources a and b: how many came and won, before and after."""
    rows = [
        {"arrived_at": np.datetime64(day, "us"), "source": source, "reference": m, "won": lead < wins}
        for day, counts, winners in (("2026-01-10", before, won[0]), ("2026-02-10", after, won[1]))
        for source, m, count, wins in zip("ab", reference, counts, winners, strict=True)
        for lead in range(count)
    ]
    columns = pd.DataFrame(rows).astype({"source": "category", "arrived_at": "datetime64[us]"})
    return known(matured(len(rows), **columns.to_dict("series")))


def test_a_change_is_split_as_by_hand() -> None:
    drawn = two_sources([100, 100], [150, 50], ([10, 30], [15, 5]))
    change = compare(drawn, BEFORE, AFTER, by=[("source",)])
    assert change.total.value == pytest.approx(-0.1)  # from 40 of 200 to 20 of 200
    assert change.mix.value == pytest.approx(-0.05)  # mean m from 0.20 to 0.15
    assert change.handling.value == pytest.approx(-0.05)  # b won 5 where 15 were expected
    a, b = change.by("source")
    assert (a.name, a.before.value, a.after.value) == (("a",), 0.1, 0.1)
    assert a.mix.value == pytest.approx(0.75 * (0.1 - 0.175) - 0.5 * (0.1 - 0.175))  # more of the worse leads
    assert b.mix.value == pytest.approx(0.25 * (0.3 - 0.175) - 0.5 * (0.3 - 0.175))  # fewer of the better ones
    assert b.handling.value == pytest.approx(0.25 * (-0.2 + 0.025) - 0.5 * 0.025)


def test_cells_are_split_as_kitagawa_does() -> None:
    cells = compare_cells(two_sources([100, 100], [150, 50], ([10, 30], [15, 5])), BEFORE, AFTER, ("source",), seed=1)
    assert cells.mix.value == pytest.approx((0.75 - 0.5) * 0.1 + (0.25 - 0.5) * (0.3 + 0.1) / 2)
    assert cells.handling.value == pytest.approx((0.1 - 0.3) * (0.5 + 0.25) / 2)


def test_a_source_that_is_new_moves_conversion_by_its_share_alone() -> None:
    cells = compare_cells(two_sources([100, 0], [100, 100], ([10, 0], [10, 30])), BEFORE, AFTER, ("source",), seed=1)
    assert cells.mix.value == pytest.approx(0.1)
    assert cells.handling.value == pytest.approx(0.0)


def coverage(company: Company, n: int, runs: int, seed: int) -> dict[str, float]:
    """How often each 95 % interval holds the truth."""
    rng, held = np.random.default_rng(seed), {"change": 0, "mix": 0, "handling": 0}
    for _ in range(runs):
        change = compare(company.draw(rng, n), BEFORE, AFTER, by=())
        held["change"] += change.total.covers(company.total)
        held["mix"] += change.mix.covers(company.mix)
        held["handling"] += change.handling.covers(company.handling)
    return {part: count / runs for part, count in held.items()}


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    assert min(coverage(COMPANIES[3], 400, runs=150, seed=11).values()) > 0.90


@pytest.mark.slow
@pytest.mark.parametrize("n", [200, 500, 2000])
@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: company.name)
def test_proof_of_coverage(company: Company, n: int, prove: Prove) -> None:
    held = coverage(company, n, runs=2000, seed=n)
    figures = ", ".join(f"{part} {share:.1%}" for part, share in held.items())
    prove(COVERAGE, f"{company.name}, {n:,} leads a period", 2000, figures)
    assert all(0.93 <= share <= 0.97 for share in held.values())


@pytest.mark.slow
def test_proof_that_closed_forms_are_what_a_bootstrap_of_leads_gives(prove: Prove) -> None:
    drawn = COMPANIES[3].draw(np.random.default_rng(4), 800)
    change = compare(drawn, BEFORE, AFTER, by=[("source",)])
    rng, draws = np.random.default_rng(5), []
    for _ in range(1000):
        rows = np.concatenate([rng.integers(0, 800, 800), rng.integers(800, 1600, 800)])
        again = compare(known(drawn.leads.iloc[rows]), BEFORE, AFTER, by=[("source",)])
        draws.append([again.mix.value, again.handling.value, *(p.handling.value for p in again.by("source"))])
    spread = np.std(draws, axis=0) * 2 * 1.96
    told = [change.mix, change.handling, *(part.handling for part in change.by("source"))]
    widths = [part.high - part.low for part in told]
    for name, width, drawn_width in zip(["mix", "handling", *SOURCES], widths, spread, strict=True):
        prove(BOOTSTRAP, f"width of {name}", 1000, f"closed form {width:.4f}, bootstrap {drawn_width:.4f}")
    assert widths == pytest.approx(spread.tolist(), rel=0.1)


@pytest.mark.parametrize(("n", "visible"), [(500, 0.053), (1000, 0.038), (5000, 0.017)])
def test_the_smallest_change_that_could_have_been_seen(n: int, visible: float) -> None:
    assert round(smallest_change(0.1, n, n).value, 3) == visible


def test_a_change_of_the_smallest_size_is_seen_in_four_of_five_cases() -> None:
    n, rng = 1000, np.random.default_rng(8)
    up = smallest_change(0.1, n, n).value
    arrived_at = np.repeat(np.array(["2026-01-10", "2026-02-10"], dtype="datetime64[us]"), n)
    chance = np.repeat([0.1 - up / 2, 0.1 + up / 2], n)
    leads = matured(2 * n, arrived_at=arrived_at)
    seen = [
        not compare(known(leads.assign(won=rng.random(2 * n) < chance)), BEFORE, AFTER, by=()).total.covers(0)
        for _ in range(300)
    ]
    assert 0.74 <= np.mean(seen) <= 0.87


def test_a_reference_that_tells_leads_apart_too_little_shows_it() -> None:
    drawn = COMPANIES[1].draw(np.random.default_rng(1), 20_000)
    m = drawn.leads["reference"].to_numpy()
    shy = compare(drawn.with_reference(0.1 + (m - 0.1) / 2), BEFORE, AFTER)
    honest = compare(drawn, BEFORE, AFTER)
    assert honest.slope.covers(1.0)
    assert shy.slope.covers(2.0)
    assert shy.mix.value == pytest.approx(honest.mix.value / 2)


def test_leads_that_are_too_young_or_have_no_reference_are_left_out_and_counted() -> None:
    drawn = COMPANIES[0].draw(np.random.default_rng(1), 100)
    m = drawn.leads["reference"].where(drawn.leads.index != 3)
    partly = known(drawn.leads.assign(reference=m, matured=drawn.leads.index < 190))
    change = compare(partly, BEFORE, AFTER)
    assert (change.before.n, change.after.n, change.left_out) == (99, 90, 11)


def test_a_period_that_is_too_young_to_tell_is_unknown_with_the_reason() -> None:
    drawn = COMPANIES[0].draw(np.random.default_rng(1), 100)
    young = known(drawn.leads.assign(matured=drawn.leads.index < 100))
    change = compare(young, BEFORE, AFTER)
    reason = "no lead of the later period is older than the horizon"
    assert (change.mix.value, change.mix.reason) == (None, reason)
    assert change_sentences(change) == (f"The change of conversion is not known: {reason}.",)
    assert not compare_cells(young, BEFORE, AFTER, seed=1).mix.known


def test_two_periods_without_a_win_are_no_certainty() -> None:
    nobody = two_sources([60, 60], [60, 60], ([0, 0], [0, 0]))
    change = compare(nobody, BEFORE, AFTER)
    assert change.total.value == 0
    assert change.total.high > 0.005
    assert not change.smallest.known
    assert compare_cells(nobody, BEFORE, AFTER, ("source",), seed=1).handling.high > 0.005


def test_periods_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="overlap"):
        compare(COMPANIES[0].draw(np.random.default_rng(1), 10), BEFORE, Period(BEFORE.start, AFTER.end))


def test_grades_of_the_reference_begin_at_their_least_probability() -> None:
    leads = graded(matured(4, reference=[0.05, 0.1, 0.31, np.nan]), {"A": 0.3, "B": 0.1, "C": 0.0})
    assert leads["grade"].tolist()[:3] == ["C", "B", "A"]
    assert leads["grade"].isna().tolist() == [False, False, False, True]


def change_of(
    total: tuple[float, float, float],
    mix: tuple[float, float, float],
    handling: tuple[float, float, float],
    p: float = 0.001,
) -> Change:
    return Change(
        before=Estimate(0.112, 0.1, 0.12, 5000),
        after=Estimate(0.112 + total[0], 0.08, 0.1, 5000),
        total=Estimate(*total, 10_000),
        mix=Estimate(*mix, 10_000),
        handling=Estimate(*handling, 10_000),
        smallest=Estimate(0.017, None, None, 10_000),
        smallest_mix=Estimate(0.005, None, None, 10_000),
        smallest_handling=Estimate(0.012, None, None, 10_000),
        slope=Estimate(1.0, 0.9, 1.1, 5000),
        corrected=Estimate(0.0, -0.001, 0.001, 10_000),
        within=Estimate(0.0, -0.001, 0.001, 10_000),
        p_value=p,
        left_out=0,
        parts={},
    )


def test_a_clear_fall_is_told_part_by_part() -> None:
    told = change_sentences(change_of((-0.021, -0.033, -0.009), (-0.017, -0.023, -0.011), (-0.004, -0.011, 0.003)))
    assert told == (
        "Conversion fell from 11.2 % to 9.1 %.",
        "The leads that arrived moved it by −1.7 points (−2.3 to −1.1); handling by −0.4 points (−1.1 to +0.3), no "
        "clear change. A difference of 1.2 points or more by handling would have shown in four of five cases.",
        "Handling: how leads were worked, plus any quality our fields don't capture.",
    )


def test_a_change_that_is_not_clear_is_told_with_what_would_be_seen_of_each_part() -> None:
    told = change_sentences(change_of((-0.003, -0.012, 0.006), (0.002, -0.001, 0.005), (-0.005, -0.013, 0.003), p=0.4))
    assert told[0] == (
        "No clear change: conversion was 11.2 % and is 10.9 %, −0.3 points (−1.2 to +0.6). "
        "A change of 1.7 points or more would have shown in four of five cases."
    )
    assert told[1] == (
        "The leads that arrived moved it by +0.2 points (−0.1 to +0.5), no clear change; handling by −0.5 points "
        "(−1.3 to +0.3), no clear change. A difference of 0.5 points or more by the leads that arrived or 1.2 points "
        "or more by handling would have shown in four of five cases."
    )


def test_a_clear_part_is_told_first_where_the_other_hides_it_in_the_whole() -> None:
    told = change_sentences(change_of((-0.024, -0.05, 0.002), (0.01, -0.002, 0.022), (-0.034, -0.061, -0.008), p=0.01))
    assert told[0].startswith("No clear change in all, but a clear one by handling: conversion was 11.2 % and is 8.8 %")
    told = change_sentences(change_of((-0.002, -0.02, 0.016), (0.03, 0.02, 0.04), (-0.032, -0.05, -0.014), p=0.001))
    assert told[0].startswith("No clear change in all, but clear ones by the leads that arrived and by handling: ")


def test_a_part_beyond_its_own_interval_is_borderline_where_the_whole_page_allows_no_more() -> None:
    told = change_sentences(
        change_of((-0.01, -0.022, 0.002), (-0.006, -0.011, -0.001), (-0.004, -0.014, 0.006), p=0.08)
    )
    assert told[0].startswith("No clear change: ")
    assert "moved it by −0.6 points (−1.1 to −0.1), borderline: beyond its own interval only" in told[1]
    assert "0.5 points or more" not in told[1]


@given(st.floats(0.01, 0.4), st.floats(-0.05, 0.05), st.floats(-0.05, 0.05))
def test_printed_parts_add_up(before: float, mix: float, handling: float) -> None:
    made = change_of((mix + handling, -0.1, 0.1), (mix, -0.1, 0.1), (handling, -0.1, 0.1))
    after = Estimate(before + mix + handling, 0.0, 1.0, 5000)
    shown = printed(dataclasses.replace(made, before=Estimate(before, 0.0, 1.0, 5000), after=after))

    assert round(10 * shown.before) + round(10 * shown.total) == round(10 * shown.after)
    assert round(10 * shown.mix) + round(10 * shown.handling) == round(10 * shown.total)
    assert abs(shown.mix - 100 * mix) < 0.101
    assert abs(shown.handling - 100 * handling) < 0.101


@given(st.lists(st.floats(-0.02, 0.02), min_size=1, max_size=15))
def test_printed_parts_of_groups_add_up_to_the_printed_whole(values: list[float]) -> None:
    whole = round(100 * sum(values), 1)
    shown = printed_parts(values, whole)

    assert round(10 * sum(shown)) == round(10 * whole)
    assert all(abs(tenths - 100 * value) < 0.151 for tenths, value in zip(shown, values, strict=True))


def test_a_change_of_the_size_that_would_be_seen_is_called_clear_in_four_of_five_cases() -> None:
    rng, n = np.random.default_rng(12), 2_000
    base = compare(COMPANIES[0].draw(rng, n), BEFORE, AFTER, by=())
    worked = [_handled(rng, n, base.smallest_handling.value) for _ in range(200)]
    assert 0.72 <= np.mean([is_clear(change.handling, change.p_value) for change in worked]) <= 0.92


def _handled(rng: np.random.Generator, n: int, up: float) -> Change:
    """The usual leads, each of the later ones won more often by the same share."""
    drawn = COMPANIES[0].draw(rng, 2 * n).leads.iloc[n : 3 * n]
    later = AFTER.holds(drawn)
    won = rng.random(2 * n) < drawn["reference"].to_numpy() + up * later
    return compare(known(drawn.assign(won=won)), BEFORE, AFTER, by=())


def test_parts_that_point_apart_are_told_with_their_signs() -> None:
    told = change_sentences(change_of((0.02, 0.01, 0.03), (-0.01, -0.015, -0.005), (0.03, 0.02, 0.04)))
    assert told[0] == "Conversion rose from 11.2 % to 13.2 %."
    assert told[1] == (
        "The leads that arrived moved it by −1.0 points (−1.5 to −0.5); handling by +3.0 points (+2.0 to +4.0)."
    )


def read(simulation: Simulation) -> tuple[object, tuple[float, float], Period, Period]:
    """Facts with the true chance at arrival for a reference, the true parts, and a quarter on each side."""
    truth, leads = simulation.truth, simulation.leads
    scores = pd.DataFrame(
        {"lead_id": leads["lead_id"], "scored_at": leads["created_at"], "probability": truth["probability"]}
    ).assign(reference=truth["probability"])
    as_of = dt.datetime.combine(simulation.until, dt.time(), dt.UTC)
    known_ = facts(leads, simulation.contacts, simulation.outcomes, None, scores, as_of)
    change = dt.datetime.combine(simulation.change, dt.time(), dt.UTC)
    quarter = dt.timedelta(days=90)
    before, after = Period(change - quarter, change), Period(change, change + quarter)
    at = [period.holds(known_.leads) for period in (before, after)]
    mix = truth["probability"][at[1]].mean() - truth["probability"][at[0]].mean()
    handled = truth["probability_handled"] - truth["probability"]
    return known_, (mix, handled[at[1]].mean() - handled[at[0]].mean()), before, after


@pytest.mark.parametrize(
    ("scenario", "mix_moved", "handling_moved"),
    [
        ("marketing-shift", True, False),
        ("sales-slowdown", False, True),
        ("both", True, True),
        ("hidden-quality", False, True),
    ],
)
def test_what_was_done_to_the_simulated_company_is_found(scenario: str, mix_moved: bool, handling_moved: bool) -> None:
    known_, (mix, handling), before, after = read(simulate(30_000, seed=3, scenario=scenario, until=UNTIL))
    change = compare(known_, before, after)
    assert change.mix.value == pytest.approx(mix, abs=1e-9)
    assert change.handling.covers(handling)
    assert (not change.mix.covers(0), not change.handling.covers(0)) == (mix_moved, handling_moved)
