"""Kinds of table that no method was made for, each with one thing that is hard about it, drawn from a seed."""

from collections.abc import Callable

import numpy as np

from benchmarks.accuracy.company import company
from benchmarks.accuracy.leads import TEST_LEADS, Leads
from benchmarks.accuracy.tables import Kind, Table
from benchmarks.accuracy.titles import add_industries, add_titles

SMALL, MIDDLE, MANY, LARGE = (300, 1_000, 3_000), 6_000, 60_000, 100_000


def made() -> list[Kind]:
    """All kinds, from the smallest to the largest."""
    return [
        *(Kind(f"small-{size}", f"{size:,} leads of ten fields", _of_size(size)) for size in SMALL),
        Kind("wide", "120 fields, nine in ten cells empty, eight fields count", _wide),
        Kind("spelled", "job titles and industries in 250 spellings each", _spelled),
        Kind("drift", "what counts and how many are won wander; the last leads are the test", _drift),
        Kind("rare", "20,000 leads, 1.5 % of them won", _rare),
        Kind("near-perfect", "two values of a field nearly decide", _near_perfect),
        Kind("interactions", "fields that count only in pairs", _interactions),
        Kind("threes", "60,000 leads, fields that count only in threes", _threes),
        Kind("noise", "nothing counts", _noise),
        Kind("linear", "fifteen numbers, linear in the log-odds", _linear),
        Kind("missing", "six in ten cells empty, and that they are empty tells", _missing),
        Kind("seasonal", "months and weekdays come again; the last leads are the test", _seasonal),
        Kind("company", "the simulator's steady company, outcomes that come late", _company("steady")),
        Kind("company-shift", "the same, and worse sources from the as-of date on", _company("marketing-shift")),
        Kind("large", "100,000 leads of ten fields", _of_size(LARGE)),
    ]


def _usual(leads: Leads) -> None:
    """Ten fields as a CRM has them: some bent, some together, two that say nothing."""
    age = leads.numeric("age", bent=0.8)
    visits = leads.numeric("visits", 0.5)
    leads.numeric("distance")
    leads.category("source", 8, 0.6)
    industry = leads.category("industry", 25, 0.4)
    leads.category("region", 16, 0.15)
    leads.category("weekday", 7, decay=0.0)
    demo = leads.flag("requested_demo", 0.2, 0.7)
    leads.flag("newsletter", 0.4, 0.2)
    leads.numeric("employees", -0.3)
    leads.log_odds += 0.8 * (demo & (visits > 0.5)) - 0.5 * ((industry < 3) & (age > 1.0))
    leads.forget("employees", leads.rng.random(leads.size) < 0.3)


def _of_size(size: int) -> Callable[[int], Table]:
    def make(seed: int) -> Table:
        leads = _leads(seed, size)
        _usual(leads)
        return leads.table(0.15)

    return make


def _leads(seed: int, size: int = MIDDLE, test: int = TEST_LEADS) -> Leads:
    return Leads(np.random.default_rng([seed, size]), size + test)


def _wide(seed: int) -> Table:
    leads = _leads(seed)
    for number in range(60):
        leads.numeric(f"count_{number}", 0.9 if number < 3 else 0.0)
        leads.category(f"answer_{number}", 4 + number % 9, 0.9 if number < 3 else 0.0)
        for name, column in ((f"count_{number}", 0), (f"answer_{number}", 1)):
            counts = number == column + 3
            empty = leads.rng.random(leads.size) < (0.5 if number < 3 else 0.9)
            leads.forget(name, empty)
            leads.log_odds += 0.8 * counts * ~empty
    return leads.table(0.12)


def _spelled(seed: int) -> Table:
    leads = _leads(seed, 8_000)
    add_titles(leads)
    add_industries(leads)
    leads.category("source", 8, 0.3)
    leads.numeric("visits", 0.4)
    return leads.table(0.14)


def _drift(seed: int) -> Table:
    """The test is the last quarter, so that it goes on from where the past ended."""
    leads = _leads(seed, 9_000, 3_000)
    time = np.linspace(0, 1, leads.size)
    walk = np.cumsum(leads.rng.normal(0, 0.35, (10, 8)), axis=0)
    period = np.minimum((time * 10).astype(np.intp), 9)
    for number in range(8):
        x = leads.numeric(f"fact_{number}", 0.25)
        leads.log_odds += walk[period, number] * x * 0.6
    leads.category("source", 8, 0.4)
    economy = 2.2 * time + 0.4 * np.sin(9 * time)
    leads.columns["economy"] = np.round(economy + leads.rng.normal(0, 0.1, leads.size), 2)
    leads.log_odds += economy
    return leads.table(0.18, test=3_000, order="file")


def _rare(seed: int) -> Table:
    leads = _leads(seed, 20_000, 20_000)
    _usual(leads)
    return leads.table(0.015, test=20_000)


def _near_perfect(seed: int) -> Table:
    leads = _leads(seed)
    _usual(leads)
    code = leads.category("origin", 10)
    leads.log_odds += 5.0 * (code == 6) - 5.0 * (code == 1)
    return leads.table(0.25)


def _interactions(seed: int) -> Table:
    leads = _leads(seed)
    for number in range(4):
        x = leads.numeric(f"measure_{number}")
        code = leads.category(f"group_{number}", 6, 0.1, decay=0.3)
        leads.log_odds += 1.0 * x * np.where(code % 2 == 0, 1, -1) * (number < 3)
    first, second = leads.flag("visited", 0.5), leads.flag("referred", 0.5)
    leads.log_odds += 1.4 * (first ^ second)
    return leads.table(0.2)


def _threes(seed: int) -> Table:
    """No field, and no two together, say anything of the log-odds: the third one turns what the other two say."""
    leads = _leads(seed, MANY)
    x, y = leads.numeric("measure_0"), leads.numeric("measure_1")
    first, second, third = (leads.flag(f"answer_{number}", 0.5) for number in range(3))
    industry, region = leads.category("industry", 6, decay=0.0), leads.category("region", 4, decay=0.0)
    even = np.where((industry + region) % 2 == 0, 1, -1)
    leads.log_odds += 1.2 * even * np.clip(x, -2, 2)
    leads.log_odds += 0.8 * np.sign(x) * np.sign(y) * np.where(first, 1, -1)
    leads.log_odds += 0.8 * np.where(first ^ second ^ third, 1, -1)
    for number in range(3):
        leads.numeric(f"noise_{number}")
    return leads.table(0.2)


def _noise(seed: int) -> Table:
    leads = _leads(seed)
    for number in range(6):
        leads.numeric(f"measure_{number}")
        leads.category(f"group_{number}", 5 + 20 * number)
    return leads.table(0.15)


def _linear(seed: int) -> Table:
    leads = _leads(seed)
    for number in range(15):
        leads.numeric(f"measure_{number}", leads.rng.normal(0, 0.35))
    return leads.table(0.2)


def _missing(seed: int) -> Table:
    """Whoever cares fills in more, and buys more."""
    leads = _leads(seed)
    cares = leads.rng.normal(size=leads.size)
    for number in range(8):
        leads.numeric(f"measure_{number}", 0.3 if number < 4 else 0.0)
        leads.category(f"answer_{number}", 6, 0.3 if number < 4 else 0.0)
        for name in (f"measure_{number}", f"answer_{number}"):
            leads.forget(name, cares + leads.rng.normal(size=leads.size) < 0.35)
    leads.log_odds += 0.8 * cares
    return leads.table(0.15)


def _seasonal(seed: int) -> Table:
    """Three years of arrivals; `created_at` tells month and weekday, and so does the field `week`."""
    leads = _leads(seed, 9_000, 3_000)
    _usual(leads)
    day = np.sort(leads.rng.integers(0, 3 * 365, leads.size))
    week = day % 365 // 7
    leads.columns["week"] = week
    leads.columns["arrived_on"] = np.array([f"weekday {number}" for number in range(7)])[day % 7]
    leads.log_odds += 1.0 * np.sin(2 * np.pi * week / 52) - 0.8 * (day % 7 >= 5)
    return leads.table(0.18, test=3_000, order="file")


def _company(scenario: str) -> Callable[[int], Table]:
    return lambda seed: company(20_000, scenario, seed)
