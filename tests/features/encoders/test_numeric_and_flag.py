"""Numbers and yes or no."""

import numpy as np

from features.values import Kind
from tests.features.encoders.fitting import fitted, row


def test_a_number_is_itself_a_flag_is_1_or_0_and_nothing_is_nan() -> None:
    assert row(fitted(["1", None], Kind.NUMERIC), "1,200.5") == [1200.5]
    flag = fitted(["yes"], Kind.FLAG)
    assert [row(flag, "Yes"), row(flag, 0)] == [[1.0], [0.0]]
    assert np.isnan(row(flag, None)).all()


def test_what_a_reason_says_of_numbers_and_flags() -> None:
    assert fitted([1], Kind.NUMERIC).describe(0, 0, 1234567.0, None) == "is 1,234,570"
    assert fitted([1], Kind.FLAG).describe(0, 0, value=False, created_at=None) == "is no"
