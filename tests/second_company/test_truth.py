"""The truths of the second company beside a draw so large that luck hardly matters."""

import datetime as dt
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr

from analytics.leads_as_of import read_leads_as_of
from stats.types import Mask, Vector
from tests.second_company import (
    COMPANIES,
    Company,
    Window,
    arrival_chance,
    conversion,
    handled_chance,
    make_tables,
    source_rates,
    speed_effect,
    speed_of_leads,
    split,
    true_scores,
)
from tests.second_company.company import SOURCES, LoggedBy, Picking
from tests.second_company.laws import Ints, added, in_time, probit, speed_bonus
from tests.second_company.tables import Drawn, _draw

MANY, ENOUGH = 400_000, 40_000
WHOLE = Window(0, 540)


def draw(company: Company, seed: int = 1, n: int = MANY) -> Drawn:
    return _draw(np.random.default_rng(seed), company, n)


def arrived_in(drawn: Drawn, window: Window) -> Mask:
    return (drawn.leads.day >= window.start) & (drawn.leads.day < window.end)


def agrees(sample: Vector | Mask, truth: float) -> bool:
    """Whether the mean of many is within four standard errors of what it should be."""
    return abs(sample.mean() - truth) < 4 * sample.std() / np.sqrt(len(sample))


@pytest.mark.parametrize("name", COMPANIES)
def test_conversion_in_any_window_is_that_of_many_leads(name: str) -> None:
    company = COMPANIES[name]
    drawn = draw(company)
    for window in (WHOLE, company.before, company.after, Window(350, 450)):
        here = arrived_in(drawn, window)
        assert agrees(drawn.won[here & drawn.worked], conversion(company, window))
        assert agrees(drawn.won[here], conversion(company, window, all_leads=True))


@pytest.mark.parametrize("picking", ["score", "unseen", "fair"])
def test_leads_win_as_often_as_their_chances_say(picking: Picking) -> None:
    company = replace(COMPANIES["speed works"], picking=picking, hidden_shift=-0.2, slower=3.0)
    drawn = draw(company, n=2 * ENOUGH)
    chance = handled_chance(company, drawn.leads)
    for part in np.array_split(np.argsort(chance), 10):
        worked = part[drawn.worked[part]]
        assert agrees(drawn.won[worked] - chance[worked], 0.0)


def test_mix_is_what_the_chances_at_arrival_do_and_handling_the_rest() -> None:
    company = COMPANIES["opposite"]
    drawn, truth = draw(company), split(company, company.before, company.after)
    promised = arrival_chance(company, drawn.leads)
    old, new = (promised[arrived_in(drawn, window) & drawn.worked] for window in (company.before, company.after))
    assert new.mean() - old.mean() == pytest.approx(truth.mix, abs=4 * new.std() * np.sqrt(1 / len(old) + 1 / len(new)))
    assert truth.mix > 0.02
    assert truth.handling < -0.02
    assert truth.total == pytest.approx(truth.mix + truth.handling, abs=1e-12)


def test_each_scenario_moves_what_it_is_named_for_and_little_else() -> None:
    found = {name: split(one, one.before, one.after) for name, one in COMPANIES.items()}
    assert abs(found["nothing"].total) < 0.002
    assert found["mix"].mix < -0.02 < -0.002 < found["mix"].handling
    for name in ("handling", "hidden quality"):
        assert found[name].handling < -0.02 < -0.002 < found[name].mix


def test_a_neglected_source_keeps_the_rate_that_it_would_have() -> None:
    company = replace(COMPANIES["nothing"], neglected="referral")
    drawn = draw(company)
    rates = source_rates(company, WHOLE)
    assert rates == source_rates(COMPANIES["nothing"], WHOLE)
    for source, name in enumerate(SOURCES):
        here = drawn.leads.source == source
        assert agrees(drawn.won[here & drawn.worked], rates[name])
    assert drawn.worked[drawn.leads.source == SOURCES.index("referral")].mean() == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("picking", ["score", "fair"])
def test_the_effect_of_speed_is_that_of_leads_weighed_by_their_true_chance_of_a_soon_call(picking: Picking) -> None:
    company = replace(COMPANIES["speed works"], picking=picking)
    drawn = draw(company, n=2 * ENOUGH)
    truth = speed_of_leads(company, drawn.leads, 6)
    kept = drawn.worked & (truth.soon > 0.1) & (truth.soon < 0.9)
    soon, won, chance = drawn.wait_hours[kept] <= 6, drawn.won[kept], truth.soon[kept]
    effect, missed = speed_effect(company, WHOLE, 6)
    assert agrees(won * soon / chance - won * ~soon / (1 - chance), effect)
    assert agrees(won * soon * (1 - chance) / chance - won * ~soon, missed)
    assert 0.02 < effect < 0.06


def test_the_effect_of_speed_is_none_of_what_agents_saw_in_a_lead() -> None:
    """A draw in which bonus and quality are of different leads has no picking; the laws have to say the same."""
    company = replace(COMPANIES["speed works"], picking="unseen", skill=(0.0,))
    drawn = draw(company, n=ENOUGH // 2)
    rng = np.random.default_rng(5)
    blind = replace(company, picking="fair")
    truth = speed_of_leads(company, drawn.leads, 6)
    gained = np.zeros(len(truth.effect))
    for origin in np.unique(drawn.leads.origin):
        alike = np.flatnonzero(drawn.leads.origin == origin)
        soon = drawn.wait_hours[alike] <= 6
        for sign, side in ((1, soon), (-1, ~soon)):
            wait = rng.choice(drawn.wait_hours[alike][side], len(alike))
            gained[alike] += sign * _won_with(blind, drawn, alike, speed_bonus(company, wait))
    assert agrees(gained - truth.effect, 0.0)


def _won_with(company: Company, drawn: Drawn, rows: Ints, bonus: Vector) -> Vector:
    """The law itself, written once more: a normal hidden quality adds its variance to the probit's."""
    leads = replace(drawn.leads, **{name: getattr(drawn.leads, name)[rows] for name in drawn.leads.__dict__})
    quality = probit(company, leads) + added(company, leads.day)
    return ndtr((quality + bonus) / np.sqrt(1 + company.hidden_sd**2)) * in_time(company, leads)


def test_where_speed_does_nothing_its_effect_is_nothing() -> None:
    assert speed_effect(COMPANIES["nothing"], WHOLE, 6) == (0.0, 0.0)


def test_a_finer_quadrature_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    company = COMPANIES["speed works"]
    coarse = conversion(company, company.after), speed_effect(company, company.after, 6)
    for module, name in (("truth", "ENGAGEMENT_NODES"), ("truth", "WAIT_NODES"), ("laws", "WAIT_NODES")):
        monkeypatch.setattr(f"tests.second_company.{module}.{name}", 150 if name == "ENGAGEMENT_NODES" else 24)
    fine = conversion(company, company.after), speed_effect(company, company.after, 6)
    assert coarse[0] == pytest.approx(fine[0], abs=1e-4)
    assert coarse[1] == pytest.approx(fine[1], abs=2e-4)


@pytest.mark.parametrize("by", ["chance", "source", "agent"])
def test_calls_are_logged_in_part_by_what_decides_it(by: LoggedBy) -> None:
    drawn = draw(replace(COMPANIES["nothing"], logged=0.7, logged_by=by, appetite=0.0))
    groups = {"chance": drawn.leads.size, "source": drawn.leads.source, "agent": drawn.agent}[by]
    shares = np.bincount(groups, drawn.logged) / np.bincount(groups)
    assert np.ptp(shares) < 0.02 if by == "chance" else np.ptp(shares) == pytest.approx(0.6, abs=0.02)
    assert shares.mean() == pytest.approx(0.7, abs=0.02)


def test_a_tenth_of_the_leads_arrives_on_day_one_and_the_others_rise() -> None:
    day = draw(COMPANIES["nothing"]).leads.day
    assert (day == 0).mean() == pytest.approx(0.1, abs=0.002)
    late = ((day > 500) & (day <= 540)).mean() / ((day > 0) & (day <= 40)).mean()
    assert late == pytest.approx((1 + 0.4 * 520 / 540) / (1 + 0.4 * 20 / 540), abs=0.03)


def test_the_product_reads_the_tables_and_finds_them_as_they_were_drawn(tmp_path: Path) -> None:
    made = make_tables(COMPANIES["nothing"], 4_000, seed=3, until=500)
    made.write(tmp_path)
    read = {name: pd.read_csv(tmp_path / f"{name}.csv") for name in ("leads", "contacts", "outcomes", "spend")}
    scores = true_scores(COMPANIES["nothing"], made)
    as_of = dt.datetime(2025, 1, 6, tzinfo=dt.UTC) + dt.timedelta(days=500)
    facts = read_leads_as_of(read["leads"], read["contacts"], read["outcomes"], read["spend"], scores, as_of, 60)
    matured = facts.leads["matured"].to_numpy()
    drawn = made.drawn
    assert facts.notes == ()
    assert len(facts) == (drawn.leads.day < 500).sum()
    assert (facts.leads["won"].to_numpy() == drawn.won[: len(facts)])[matured].all()
    tried = facts.leads["first_attempt_at"].notna().to_numpy()
    assert (tried == drawn.worked[: len(facts)])[matured].all()
    assert set(facts.spend["campaign"].dropna()) == {"brand", "generic", "video", "spring"}


def test_the_same_seed_gives_the_same_tables_and_another_one_others() -> None:
    one, same, other = (make_tables(COMPANIES["mix"], 500, seed) for seed in (1, 1, 2))
    for name in ("leads", "contacts", "outcomes", "spend"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(same, name))
    assert not one.leads["engagement"].equals(other.leads["engagement"])


def test_twenty_thousand_leads_take_well_under_a_second() -> None:
    make_tables(COMPANIES["nothing"], 20_000, 1)
    start = time.process_time()
    make_tables(COMPANIES["nothing"], 20_000, 1)
    assert time.process_time() - start < 1
