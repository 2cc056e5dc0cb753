"""E-mail addresses: the class and ending of the domain."""

from features.encoders import POOL
from features.values import Kind
from tests.features.encoders.fitting import fitted, row


def test_an_address_says_what_kind_of_domain_and_which_ending() -> None:
    encoder = fitted(["a@gmail.com"] * 4 + ["a@firma.de"] * 3, Kind.EMAIL)
    assert [column.levels for column in encoder.columns] == [("free", "company", POOL), ("com", "de", POOL)]
    assert row(encoder, "B@GMAIL.COM") == [0.0, 0.0]
    assert row(encoder, "b@other.de") == [1.0, 1.0]
    assert row(encoder, "none") == [2.0, 2.0]
    assert encoder.describe(0, 0, "b@other.de", None) == "is at a company's own domain"
    assert encoder.describe(0, 1, "b@other.de", None) == "ends in .de"
    assert encoder.describe(0, 0, "none", None) == "is not an address"
