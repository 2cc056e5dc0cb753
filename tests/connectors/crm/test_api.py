"""Calls to a CRM: paced, and patient where a command waits for them."""

import pytest

from connectors.crm.api import CrmApi, Patience, Throttle
from connectors.crm.circuit_breaker import LONGEST_ASKED, LONGEST_REST, CircuitBreaker
from connectors.crm.crms import make_crm
from connectors.http_failures import AccessRefused, NotTaken
from tests.connectors.crm import fake_crm
from tests.connectors.crm.messages import connection, environment


@pytest.fixture
def fake(monkeypatch):
    with fake_crm.running() as fake:
        for name, value in environment(fake.url).items():
            monkeypatch.setenv(name, value)
        yield fake


def api_of(fake, waits: list[float]) -> CrmApi:
    crm = make_crm(connection("hubspot", token="env:CRM_TOKEN", endpoint=fake.url))
    crm.per_second = 10_000
    return crm.open_api(Patience((1.0, 5.0), waits.append))


def test_calls_keep_their_distance_whoever_makes_them():
    waits: list[float] = []
    throttle = Throttle(2.0, waits.append)
    for _ in range(4):
        throttle.wait()

    assert waits == [pytest.approx(0.5, abs=0.1), pytest.approx(1.0, abs=0.1), pytest.approx(1.5, abs=0.1)]


def test_a_command_waits_as_long_as_it_is_asked_to_but_not_for_hours(fake):
    waits: list[float] = []
    fake.faults = ["429 7", "503"]
    with api_of(fake, waits) as api:
        assert api.call("GET", "/crm/properties/2026-09/deals")["results"]
        assert waits == [7.0, 5.0]
        fake.faults = ["429 7200"]
        with pytest.raises(NotTaken, match="HTTP 429"):
            api.call("GET", "/crm/properties/2026-09/deals")
        fake.faults = ["401"]
        with pytest.raises(AccessRefused):
            api.call("GET", "/crm/properties/2026-09/deals")
    assert waits == [7.0, 5.0]


def test_a_breaker_rests_longer_each_time_and_forgets_with_an_answer():
    breaker = CircuitBreaker()
    assert [breaker.fail(0.0) for _ in range(3)] == [5.0, 10.0, 20.0]
    assert (breaker.is_open(19.9), breaker.is_open(20.0)) == (True, False)
    assert breaker.fail(0.0, asked=3600.0) == 3600.0
    assert max(CircuitBreaker(failures=many).fail(0.0) for many in range(60)) == LONGEST_REST
    breaker.succeed()
    assert breaker.fail(0.0) == 5.0


@pytest.mark.parametrize("asked", [1_764_460_800.0, float("inf")])
def test_a_crm_that_writes_a_moment_for_its_seconds_is_asked_again_within_a_day(asked):
    breaker = CircuitBreaker()
    assert breaker.fail(0.0, asked) == LONGEST_ASKED == 86_400.0
    assert not breaker.is_open(LONGEST_ASKED)
