"""Money, shares and counts as people write them, in a column's convention."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.schema_inference.number_formats import decimal_vote
from features.values import ValueRefused, parse_number


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1.077,50 €", ",", 1077.5),
        ("12,3 %", ",", 12.3),
        ("8.561", ",", 8561.0),
        ("562", ",", 562.0),
        ("1,09,375", ".", 109_375.0),
        ("₹12,34,567.50", ".", 1_234_567.5),
        ("USD 7,584.00", ".", 7584.0),
        ("7,584.00 USD", ".", 7584.0),
        ("R$ 31.580,00", ",", 31_580.0),
        ("12 000 kr", ".", 12_000.0),
        ("12\u00a0000 kr.", ",", 12_000.0),
        ("12\u202f000,50 €", ",", 12_000.5),
        ("CHF 1’234.50", ".", 1234.5),
        ("(1,234)", ".", -1234.0),
        ("($1,234.50)", ".", -1234.5),
        ("-$500", ".", -500.0),
        ("$-500", ".", -500.0),
        ("\u2212500 €", ".", -500.0),
        ("1.234-", ",", -1234.0),
        ("1.000,- €", ",", 1000.0),
        ("$1.2k", ".", 1200.0),
        ("$5m", ".", 5e6),
        ("3,5 Mio. €", ",", 3.5e6),
        ("1,5 млн руб.", ",", 1.5e6),
        ("2.5 crore", ".", 2.5e7),
        ("500+", ".", 500.0),
        ("10,000+", ".", 10_000.0),
        ("1.5", ",", 1.5),
        ("12 345 zł", ",", 12_345.0),
        ("1 200 Kč", ",", 1200.0),
        ("2.5k", ".", 2500.0),
        ("1.2M", ".", 1.2e6),
        ("€ 3k", ".", 3000.0),
        ("k€ 3,5", ",", 3500.0),
        ("3 TEUR", ".", 3000.0),
        ("$1.2MM", ".", 1.2e6),
        ("1.2 million", ".", 1.2e6),
        ("~5k", ".", 5000.0),
        ("ca. 1.500 €", ",", 1500.0),
    ],
)
def test_amounts_are_read(text: str, decimal: str, number: float) -> None:
    assert parse_number(text, decimal) == pytest.approx(number, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "12 days",
        "2A",
        "1-10",
        "5m",
        "1 2",
        "EUR 5 USD",
        "1,2,345",
        "12,34",
        "€",
        "k",
        "(5",
        "1.2.3",
        "+-5",
        "5%%",
        "K012345",
        "M5",
        "<1k",
        "1.2m",
        "12 mm",
        "k€ 3k",
        "about",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueRefused):
        parse_number(text)


@pytest.mark.parametrize(
    ("digits", "vote"),
    [
        ("1.077,50", ","),
        ("1,077.50", "."),
        ("1.234.567", ","),
        ("0.561", "."),
        ("8.56", "."),
        ("12345.678", "."),
        ("8.561", ".000"),
        ("8,561", ",000"),
        ("1234", "long"),
        ("562", ""),
    ],
)
def test_what_one_number_tells_of_its_column(digits: str, vote: str) -> None:
    assert decimal_vote(digits) == vote


@given(st.decimals(0, 10**9, places=2, allow_nan=False), st.sampled_from(["USD ", "$", "€ ", ""]), st.booleans())
def test_grouped_money_is_read_back_in_both_conventions(amount: object, unit: str, comma: bool) -> None:
    text = f"{unit}{amount:,.2f}"
    if comma:
        text = text.translate(str.maketrans(",.", ".,"))
    assert parse_number(text, "," if comma else ".") == float(str(amount))
