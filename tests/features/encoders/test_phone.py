"""Phone numbers: the country."""

from features.encoders import POOL
from features.values import Kind
from tests.features.encoders.fitting import fitted, row


def test_a_phone_number_says_its_country() -> None:
    encoder = fitted(["+49 30 1"] * 4 + ["030 1"] * 3, Kind.PHONE)
    assert encoder.columns[0].levels == ("DE", "no country code", POOL)
    assert [row(encoder, value)[0] for value in ("0049-89-5", "089 5", "+33 1")] == [0.0, 1.0, 2.0]
    assert encoder.describe(0, 0, "+33 1", None) == "is from FR"
