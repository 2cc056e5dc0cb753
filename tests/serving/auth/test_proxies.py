"""Who asks, as read from what proxies noted: from right to left, as far as ours vouch for it."""

import pytest
from fastapi.routing import iter_route_contexts

from serving.app import create_app
from serving.auth.proxies import TrustedProxies
from serving.settings import FIRST_SEGMENTS, Settings, SettingsRefused, read_settings
from tests.serving.models import Models

OURS = TrustedProxies.parse("10.0.0.0/8, ::1  fd00::/8")
PROXY, INNER = "10.0.0.1", "10.0.0.2"


def told(peer: str, *headers: tuple[str, str]) -> tuple[str, str | None]:
    return OURS.first_stranger(peer, [(name.encode(), value.encode()) for name, value in headers])


@pytest.mark.parametrize(
    ("noted", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (f"203.0.113.7, {INNER}", "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", "203.0.113.7"),
        (f"{INNER}, 203.0.113.7", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", PROXY),
        (f"203.0.113.7, unknown, {INNER}", INNER),
        ("", PROXY),
        (f"{INNER}, {PROXY}", INNER),
    ],
)
def test_x_forwarded_for_is_read_from_the_right(noted: str, client: str) -> None:
    assert told(PROXY, ("x-forwarded-for", noted)) == (client, None)


def test_lists_in_several_headers_are_one_list() -> None:
    assert told(PROXY, ("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", INNER)) == ("203.0.113.7", None)


@pytest.mark.parametrize(
    ("noted", "client", "scheme"),
    [
        ("for=203.0.113.7", "203.0.113.7", None),
        ("for=203.0.113.7;proto=https;by=10.0.0.1", "203.0.113.7", "https"),
        (f"For=203.0.113.7;Proto=HTTPS, for={INNER};proto=http", "203.0.113.7", "https"),
        ('for="[2001:db8::7]:4711"', "2001:db8::7", None),
        ("for=6.6.6.6, for=203.0.113.7", "203.0.113.7", None),
        ('for="6.6.6.6, for=1.1.1.1", for=203.0.113.7', "203.0.113.7", None),
        ("for=_hidden", PROXY, None),
        ("for=unknown, for=203.0.113.7", "203.0.113.7", None),
        ('for="unclosed, for=203.0.113.7', PROXY, None),
        ("proto=https", PROXY, "https"),
    ],
)
def test_forwarded_is_read_from_the_right(noted: str, client: str, scheme: str | None) -> None:
    assert told(PROXY, ("forwarded", noted)) == (client, scheme)


def test_a_stranger_vouches_for_nobody() -> None:
    for header in (("x-forwarded-for", "10.0.0.9"), ("forwarded", "for=10.0.0.9;proto=https")):
        assert told("203.0.113.7", header) == ("203.0.113.7", None)


def test_two_headers_that_disagree_are_not_believed() -> None:
    same = ("x-forwarded-for", "203.0.113.7"), ("forwarded", "for=203.0.113.7")
    assert told(PROXY, *same) == ("203.0.113.7", None)
    assert told(PROXY, same[0], ("forwarded", "for=6.6.6.6")) == (PROXY, None)


def test_the_scheme_is_what_our_proxy_says() -> None:
    headers = ("x-forwarded-for", "203.0.113.7"), ("x-forwarded-proto", "https")
    assert told(PROXY, *headers) == ("203.0.113.7", "https")
    assert told("203.0.113.7", *headers) == ("203.0.113.7", None)


def test_a_long_header_takes_no_time() -> None:
    for noted in ("for=1.1.1.1," * 5_000, 'for="' * 13_000, ";" * 60_000, " " * 60_000, "for=\\" * 12_000):
        assert told(PROXY, ("forwarded", noted))
        assert told(PROXY, ("x-forwarded-for", noted))


@pytest.mark.parametrize("bad", ["leads.example", "10.0.0.0/33", "10.0.0.1;10.0.0.2"])
def test_a_setting_that_names_no_network_is_refused_with_the_word(bad: str) -> None:
    with pytest.raises(SettingsRefused, match=r"LEADS_TRUSTED_PROXIES: expected addresses or networks") as refused:
        read_settings(trusted_proxies=f"10.0.0.1, {bad} ::1")
    assert str(refused.value).endswith(f"but {bad!r} is neither")


@pytest.mark.parametrize(
    ("bad", "meant"),
    [
        ("10.1.2.3/16", "10.1.0.0/16, or 10.1.2.3 alone?"),
        ("10.0.0.1/8", "10.0.0.0/8, or 10.0.0.1 alone?"),
        ("fd00::1/8", "fd00::/8, or fd00::1 alone?"),
    ],
)
def test_of_an_address_inside_a_network_it_is_asked_which_is_meant(bad: str, meant: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        read_settings(trusted_proxies=f"10.0.0.1, {bad}")
    assert str(refused.value).startswith(f"LEADS_TRUSTED_PROXIES: {bad!r} names an address inside a network")
    assert str(refused.value).endswith(f"did you mean {meant}")


@pytest.mark.parametrize("bad", ["leads-app", "/a//b", "/../b", "/a b", "https://x/a", "/a?b"])
def test_a_setting_that_is_no_path_is_refused(bad: str) -> None:
    with pytest.raises(SettingsRefused, match=r"LEADS_ROOT_PATH: expected a path"):
        read_settings(root_path=bad)


@pytest.mark.parametrize("bad", ["/leads", "/queue/", "/v1/leads", "/static", "/sign-in", "/docs/x"])
def test_a_root_path_that_begins_as_one_of_our_own_is_refused(bad: str) -> None:
    """Behind a proxy that takes it off, /leads/leads/L-1 comes as /leads/L-1, and would be taken for /L-1."""
    with pytest.raises(SettingsRefused, match=r"LEADS_ROOT_PATH: /[a-z0-9-]+ is a path of the service itself; .*such"):
        read_settings(root_path=bad)


@pytest.mark.parametrize("fine", ["/leads-app", "/sales/leads", "/leadsapp", "/"])
def test_a_root_path_that_only_looks_like_one_is_taken(fine: str) -> None:
    assert read_settings(root_path=fine).root_path == fine.rstrip("/")


def test_every_route_of_ours_begins_with_a_segment_that_no_root_path_may_have(settings: Settings) -> None:
    routes = iter_route_contexts(create_app(settings, Models()).routes)
    assert {route.path.split("/")[1] for route in routes} - {""} == FIRST_SEGMENTS
