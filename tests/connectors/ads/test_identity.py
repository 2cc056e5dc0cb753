"""Personal data, normalised and hashed as Google's own library does it."""

import hashlib

import pytest
from google.ads.datamanager_util.format import Encoding, Formatter
from hypothesis import given
from hypothesis import strategies as st

from connectors.ads.identity import hash_text, normalize_email, normalize_google_email, normalize_phone

OFFICIAL = Formatter()
ADDRESSES = st.builds(
    "{}{}@{}{}".format,
    st.text(max_size=3) | st.sampled_from(["", " ", "\t"]),
    st.text(max_size=12) | st.from_regex(r"[A-Za-z.+]{0,9}", fullmatch=True),
    st.sampled_from(["gmail.com", "GoogleMail.com", "example.org", "", "ex ample.org", "a@b.de"]),
    st.sampled_from(["", " ", "\n"]),
)


@given(ADDRESSES | st.text(max_size=20))
def test_an_address_is_hashed_as_the_official_formatter_does_or_not_sent_where_that_refuses_it(address):
    try:
        expected = OFFICIAL.process_email_address(address, Encoding.HEX)
    except ValueError:
        expected = ""

    assert hash_text(normalize_google_email(address)) == expected


@given(st.from_regex(r"\+[1-9][0-9 ().\-]{8,16}", fullmatch=True))
def test_an_international_number_is_hashed_as_the_official_formatter_does(number):
    ours = normalize_phone(number)

    if ours and "(0)" not in number:
        assert hash_text(ours) == OFFICIAL.process_phone_number(number, Encoding.HEX)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+49 (30) 123-4567", "+49301234567"),
        ("0049 30 1234567", "+49301234567"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("030 1234567", ""),
        ("8 912 345-67-89", ""),
        ("+0123456789", ""),
        ("call me", ""),
        ("", ""),
    ],
)
def test_a_number_without_its_country_is_not_sent(number, expected):
    assert normalize_phone(number) == expected


def test_other_platforms_keep_the_dots_and_suffixes_of_an_address():
    assert normalize_email(" A.b+c@Gmail.com") == "a.b+c@gmail.com"
    assert hash_text("a") == hashlib.sha256(b"a").hexdigest()
