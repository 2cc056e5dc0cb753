"""A link signs in once, for ten minutes, in a browser on this machine."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from serving.store import sign_in_links
from serving.store.keys import id_of, revoke
from tests.serving.pages.floor import BROWSER, Floor

HERE, ELSEWHERE = ("127.0.0.1", 50_000), ("192.0.2.7", 50_000)


def offered(floor: Floor) -> str:
    key_id = id_of(floor.key("Ann", "admin"))
    return floor.store.write_now(sign_in_links.offer, key_id, floor.clock())


def follow(floor: Floor, token: str, client: tuple[str, int] = HERE, **headers: str) -> Response:
    browser = TestClient(floor.app, base_url="http://localhost:8000", follow_redirects=False, client=client)
    answer = browser.get(f"/sign-in/once?token={token}", headers=BROWSER | headers)
    if answer.status_code == 303:
        assert browser.get("/queue").status_code == 200
    return answer


def test_a_link_signs_in_once(either_floor: Floor) -> None:
    token = offered(either_floor)
    first, second = follow(either_floor, token), follow(either_floor, token)
    assert (first.status_code, first.headers["location"]) == (303, "/")
    assert second.status_code == 403
    assert "this link was used, or is too old" in second.text


def test_a_link_runs_out_and_a_newer_one_takes_its_place(floor: Floor) -> None:
    old, new = offered(floor), offered(floor)
    assert follow(floor, old).status_code == 403
    floor.clock.now += sign_in_links.WORKS_FOR + timedelta(seconds=1)
    assert follow(floor, new).status_code == 403


def test_a_link_ends_with_its_key(floor: Floor) -> None:
    token = offered(floor)
    floor.store.write_now(revoke, id_of(floor.key("Ann", "admin")), floor.clock())
    browser = TestClient(floor.app, base_url="http://localhost", follow_redirects=False, client=HERE)
    browser.get(f"/sign-in/once?token={token}")
    assert browser.get("/queue", headers=BROWSER).status_code == 303


@pytest.mark.parametrize(
    "given",
    [
        {"client": ELSEWHERE},
        {"host": "leads.example.com"},
        {"x-forwarded-for": "127.0.0.1"},
        {"origin": "http://evil.example"},
        {"sec-purpose": "prefetch;prerender"},
    ],
)
def test_from_elsewhere_a_link_is_refused_and_not_used_up(floor: Floor, given: dict[str, object]) -> None:
    token = offered(floor)
    refused = follow(floor, token, **given)
    assert refused.status_code == 403
    assert "on the machine that it was made on" in refused.text
    assert follow(floor, token).status_code == 303


def test_a_token_that_is_none_of_ours_is_refused(floor: Floor) -> None:
    offered(floor)
    assert follow(floor, "guess").status_code == 403
    assert follow(floor, "").status_code == 403
