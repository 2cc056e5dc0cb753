import numpy as np

from features.contact_log import read_contact_log

DAY = np.timedelta64(1, "D")
START = np.datetime64("2026-01-01", "us")
NEVER = np.datetime64("NaT", "us")


Company = tuple[np.ndarray, np.ndarray, np.ndarray]


def company(leads: int, logged: float, seed: int = 1, worked: float = 0.8, rate: float = 0.1) -> Company:
    """Arrivals, first contacts and wins of a company that works some leads and logs some of that work at random."""
    rng = np.random.default_rng(seed)
    arrived_at = START + np.arange(leads) * np.timedelta64(1, "h")
    is_worked = rng.random(leads) < worked
    won = is_worked & (rng.random(leads) < rate / worked)
    on_record = is_worked & (rng.random(leads) < logged)
    return arrived_at, np.where(on_record, arrived_at + DAY, NEVER), won


def test_the_rate_of_worked_leads_does_not_depend_on_how_many_calls_are_logged():
    for logged in (1.0, 0.9, 0.7, 0.5):
        arrived_at, first_contact_at, won = company(20_000, logged)
        worked = read_contact_log(arrived_at, first_contact_at, won, 90).is_contacted(
            ~np.isnat(first_contact_at), arrived_at
        )
        assert abs(won[worked].mean() - 0.125) < 0.01


def test_an_incomplete_log_is_told_and_a_complete_one_is_not():
    assert read_contact_log(*company(5_000, 1.0), 90).note is None
    log = read_contact_log(*company(5_000, 0.7), 90)
    assert log.share_logged is not None
    assert abs(log.share_logged - 0.7) < 0.06
    assert "about 7" in (log.note or "")


def test_contacts_decide_nothing_where_hardly_any_win_has_one():
    arrived_at, first_contact_at, won = company(5_000, 0.05)
    log = read_contact_log(arrived_at, first_contact_at, won, 90)
    assert not log.decides
    assert "all leads count as called" in (log.note or "")
    assert log.is_contacted(~np.isnat(first_contact_at), arrived_at).all()


def test_leads_of_before_the_log_began_count_as_worked():
    arrived_at, first_contact_at, won = company(20_000, 1.0)
    began = START + 500 * DAY
    first_contact_at = np.where(first_contact_at >= began, first_contact_at, NEVER)
    log = read_contact_log(arrived_at, first_contact_at, won, 90)
    contacted = ~np.isnat(first_contact_at)
    assert log.note is None
    assert log.is_contacted(contacted, arrived_at)[arrived_at < began - 91 * DAY].all()
    assert (log.is_contacted(contacted, arrived_at) == contacted)[arrived_at > began].all()


def test_of_one_horizon_before_the_log_began_no_lead_counts_as_worked_for_those_with_a_contact_were_won_late():
    """Each lead is called every day until it closes; only calls after the log began are on record."""
    rng, leads = np.random.default_rng(5), 20_000
    arrived_at = START + np.arange(leads) * np.timedelta64(1, "h")
    won = rng.random(leads) < 0.2
    open_for = np.where(won, rng.exponential(10, leads).clip(0.1, 80), 80) * 86_400 * 10**6
    closed_at = arrived_at + open_for.astype("timedelta64[us]")
    began = START + 500 * DAY
    logged_at = np.maximum(arrived_at + np.timedelta64(1, "h"), began)
    first_contact_at = np.where(logged_at < closed_at, logged_at, NEVER)
    log = read_contact_log(arrived_at, first_contact_at, won, 90)
    worked = log.is_contacted(~np.isnat(first_contact_at), arrived_at)
    window = (arrived_at >= began - 90 * DAY) & (arrived_at < began)
    assert won[window & ~np.isnat(first_contact_at)].mean() < 0.05
    assert not worked[window & (arrived_at < began - 7 * DAY)].any()
    assert worked[arrived_at < began - 91 * DAY].all()
    assert abs(won[worked].mean() - 0.2) < 0.005


def test_no_lead_of_a_complete_log_is_set_aside():
    for leads in (2, 30, 500, 10_000):
        arrived_at, first_contact_at, won = company(leads, 1.0)
        for wait in (np.timedelta64(1, "h"), 3 * DAY, 30 * DAY):
            first = np.where(np.isnat(first_contact_at), NEVER, arrived_at + wait)
            worked = read_contact_log(arrived_at, first, won, 90).is_contacted(~np.isnat(first), arrived_at)
            assert (worked == ~np.isnat(first)).all()


def test_a_stray_early_contact_is_not_the_beginning_of_the_log():
    arrived_at, first_contact_at, won = company(5_000, 1.0)
    log = read_contact_log(arrived_at, first_contact_at, won, 90)
    assert log.since is not None
    stray = np.where(
        np.arange(5_000) == np.flatnonzero(~np.isnat(first_contact_at))[-1], START - 9_000 * DAY, first_contact_at
    )
    assert abs(read_contact_log(arrived_at, stray, won, 90).since - log.since) < DAY


def test_where_nothing_is_dated_contacts_decide_for_all_leads():
    _, first_contact_at, won = company(1_000, 1.0)
    contacted = ~np.isnat(first_contact_at)
    assert (read_contact_log(None, first_contact_at, won, 90).is_contacted(contacted, None) == contacted).all()
