"""What an address or a phone number says without being kept."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.contact_fields import (
    CALLING_CODES,
    FREE_MAIL,
    domain_class,
    phone_country,
    short_address,
    short_number,
    top_level_domain,
)


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


local = st.sampled_from(["", "ann", "ann lee", " ", "<ann", "a@b", "жо"])
domains = st.sampled_from(
    ["gmail.com", "GMX.de", "acme.co.uk", "acme.", "-.x", "a_b.de", "почта.рф", "x.xn--p1ai", "1.2", ""]
)
emails = st.builds("{}@{}{}".format, local, domains, st.sampled_from(["", ">", " or call"]))
phones = st.text("+0123456789 ().-x٣", max_size=9)


@given(st.lists(emails | st.text(max_size=6).filter(lambda text: text.isprintable()), min_size=1, max_size=20))
def test_a_short_address_is_of_the_same_class_and_ending(written: list[str]) -> None:
    short = short_address(pa.array(written, pa.large_string())).to_pylist()
    assert list(map(domain_class, short)) == list(map(domain_class, written))
    assert list(map(top_level_domain, short)) == list(map(top_level_domain, written))


@given(st.lists(phones, min_size=1, max_size=20))
def test_a_short_number_is_of_the_same_country(written: list[str]) -> None:
    short = short_number(pa.array(written, pa.large_string())).to_pylist()
    assert list(map(phone_country, short)) == list(map(phone_country, written))


def test_many_addresses_and_numbers_become_few() -> None:
    many = pa.array([f"person.{number}@firm-{number}.de" for number in range(50)], pa.large_string())
    assert len(set(short_address(many).to_pylist())) == 1
    many = pa.array([f"+49 (30) {number}" for number in range(50)] + [f"030 {number}" for number in range(50)])
    assert set(short_number(many).to_pylist()) == {"+493", "0"}
