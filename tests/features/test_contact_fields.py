"""What an address or a phone number says without being kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.contact_fields import CALLING_CODES, FREE_MAIL, domain_class, phone_country, top_level_domain


@pytest.mark.parametrize(
    ("email", "kind", "ending"),
    [
        ("jo@gmail.com", "free", "com"),
        ("Jo.Smith+ads@GMX.DE", "free", "de"),
        ("jo@acme.co.uk", "company", "uk"),
        ("jo@mail.gmail.com", "company", "com"),
        ("Jo Smith <jo@acme.de>", "company", "de"),
        ("жо@почта.рф", "company", "рф"),
        ("jo@xn--80a1acny.xn--p1ai", "company", "xn--p1ai"),
    ],
)
def test_a_domain_is_free_or_a_companys_own_and_has_an_ending(email: str, kind: str, ending: str) -> None:
    assert (domain_class(email), top_level_domain(email)) == (kind, ending)


@pytest.mark.parametrize(
    "email",
    ["jo", "jo@", "@gmail.com", "jo@localhost", "jo@acme.", "jo@.de", "jo@1.2", "a@b@c.de", "jo@acme.de or call", ""],
)
def test_what_is_no_address_has_neither(email: str) -> None:
    assert (domain_class(email), top_level_domain(email)) == ("not an address", "not an address")


@pytest.mark.parametrize(
    ("phone", "country"),
    [
        ("+49 (0)30 1234", "DE"),
        ("0049301234", "DE"),
        (" +1-212-555-0100", "US/CA"),
        ("+7 495 1", "RU/KZ"),
        ("+380 44 1", "UA"),
        ("+44 20 7946 0958 ext. 5", "GB"),
        ("030 1234", "no country code"),
        ("49301234", "no country code"),
        ("+999 1", "no country code"),
        ("+", "no country code"),
        ("call me", "no country code"),
    ],
)
def test_an_international_number_names_its_country_by_the_longest_code(phone: str, country: str) -> None:
    assert phone_country(phone) == country


@given(st.text())
def test_any_text_has_a_place_of_a_known_few(text: str) -> None:
    assert domain_class(text) in {"free", "company", "not an address"}
    assert phone_country(text) in {*CALLING_CODES.values(), "no country code"}


def test_free_providers_are_domains_in_lower_case() -> None:
    assert {domain_class(f"jo@{domain.upper()}") for domain in FREE_MAIL} == {"free"}


def test_no_country_code_hides_behind_a_shorter_one() -> None:
    assert {phone_country(f"+{code} 5550100") for code in CALLING_CODES} == set(CALLING_CODES.values())
    assert all(phone_country(f"+{code}") == country for code, country in CALLING_CODES.items())
