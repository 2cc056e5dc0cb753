"""leads init finds how each column is written and says what is not sure; a single lead is read as the table is."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.config import ScoringConfig, read_config
from features.history import read_history
from features.lead_table import one_lead, parse_leads
from features.schema_inference.proposal import Proposal
from features.schema_inference.propose import propose
from features.schema_inference.table_locations import TableLocations
from features.tables.read import read_table
from features.values import Kind

N = 300
RNG = np.random.default_rng(11)
WON = RNG.random(N) < 0.3
ARRIVED = pd.Timestamp("2025-01-02 08:00") + pd.to_timedelta(np.sort(RNG.integers(0, 200 * 86_400, N)), "s")
WHOLE = (RNG.gamma(2, 3_000, N) + 50).astype(int)
MONEY = WHOLE + RNG.integers(1, 99, N) / 100
TABLE = pd.DataFrame(
    {
        "lead_id": [f"L-{number}" for number in range(N)],
        "created_at": ARRIVED.strftime("%Y-%m-%d %H:%M:%S"),
        "source": RNG.choice(["Web", "Fair", "Ads"], N),
        "converted": np.where(WON, "yes", "no"),
    }
)


def proposed(folder: Path, table: pd.DataFrame) -> tuple[Proposal, ScoringConfig]:
    table.to_csv(folder / "leads.csv", index=False, sep=";")
    proposal = propose(TableLocations(str(folder / "leads.csv")), relative_to=folder)
    (folder / "scoring.toml").write_text(proposal.to_toml(), encoding="utf-8")
    return proposal, read_config(folder / "scoring.toml")


def german(amount: float, places: int = 2) -> str:
    return f"{amount:,.{places}f}".translate(str.maketrans(",.", ".,"))


def indian(amount: int) -> str:
    digits = str(amount)
    head = digits[:-3]
    pairs: list[str] = []
    while head:
        pairs.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([*pairs, digits[-3:]])


AMOUNTS: dict[str, tuple[list[str], "np.ndarray"]] = {
    "euro": ([f"{german(amount)} €" for amount in MONEY], MONEY),
    "per cent": ([f"{german(amount, 1)} %" for amount in MONEY / 1000], (MONEY / 1000).round(1)),
    "whole thousands": ([german(amount, 0) for amount in WHOLE], WHOLE),
    "whole euro": ([f"{german(amount, 0)} €" for amount in WHOLE], WHOLE),
    "dollar": ([f"USD {amount:,.2f}" for amount in MONEY], MONEY),
    "real": ([f"R$ {german(amount)}" for amount in MONEY], MONEY),
    "krone": ([f"{amount:,} kr".replace(",", "\u00a0") for amount in WHOLE], WHOLE),
    "rupee": ([f"₹{indian(amount + 100_000)}" for amount in WHOLE], WHOLE + 100_000),
    "franc": ([f"CHF {amount:,.2f}".replace(",", "’") for amount in MONEY], MONEY),
    "losses": (
        [f"({amount:,})" if amount % 2 else f"{amount:,}" for amount in WHOLE],
        WHOLE * np.where(WHOLE % 2, -1, 1),
    ),
    "thousands by k": ([f"${amount / 1000:.1f}k" for amount in WHOLE], (WHOLE / 1000).round(1) * 1000),
    "capped": (["500+" if amount > 5_000 else str(amount) for amount in WHOLE], np.where(WHOLE > 5_000, 500, WHOLE)),
    "three decimals": ([f"{amount:.3f}" for amount in MONEY / 20_000], (MONEY / 20_000).round(3)),
}


@pytest.mark.parametrize(("texts", "amounts"), AMOUNTS.values(), ids=AMOUNTS)
def test_amounts_are_numbers_in_the_columns_own_convention(
    tmp_path: Path, texts: list[str], amounts: "np.ndarray"
) -> None:
    proposal, config = proposed(tmp_path, TABLE.assign(figure=texts))

    table = parse_leads(read_table(str(tmp_path / "leads.csv")), config.lead_schema)

    assert config.fields["figure"].kind is Kind.NUMERIC
    assert [table.fields["figure"][row] for row in range(N)] == pytest.approx(amounts.tolist())
    alone = config.lead_schema.parse("x", {"figure": texts[0]})
    assert alone.fields["figure"] == one_lead(table, 0, config.lead_schema).fields["figure"]
    assert proposal.doubts == ()


def test_columns_of_two_conventions_stand_in_one_table(tmp_path: Path) -> None:
    columns = {"length": [german(amount) for amount in MONEY], "width": [f"{amount / 7:.2f}" for amount in MONEY]}
    _, config = proposed(tmp_path, TABLE.assign(**columns, height=[german(amount) for amount in MONEY]))
    schema = config.lead_schema
    assert (config.leads.decimal, config.fields["length"].decimal, config.fields["width"].decimal) == (",", None, ".")
    lead = schema.parse("x", {"length": "1.234,50", "width": "1234.50", "height": "8.561"})
    assert [lead.fields[name] for name in ("length", "width", "height")] == [1234.5, 1234.5, 8561.0]
    assert type(schema).from_json(schema.to_json()) == schema


@pytest.mark.parametrize(
    ("texts", "doubt"),
    [
        (
            [german(8_561 + row % 99, 0) for row in range(N)],
            '"figure": 8.561 is read as thousands; write decimal = "." if it is a little more than 8',
        ),
        ([f"€{row % 9 + 61},000" for row in range(N)], '"figure": 61,000 is read as thousands; write decimal = ","'),
        (
            [f"{'USD' if row % 2 else 'EUR'} {amount:,.2f}" for row, amount in enumerate(MONEY)],
            '"figure": several units are read as one: EUR (150), USD (150)',
        ),
    ],
)
def test_what_amounts_leave_open_is_said(tmp_path: Path, texts: list[str], doubt: str) -> None:
    proposal, _ = proposed(tmp_path, TABLE.assign(figure=texts))
    assert proposal.doubts[0].startswith(doubt)
    assert doubt.removeprefix('"figure": ') in proposal.to_toml()


def test_thousands_that_could_be_decimals_are_read_as_the_other_columns_are(tmp_path: Path) -> None:
    table = TABLE.assign(
        figure=[german(amount + 1000, 0) for amount in WHOLE], price=[f"{amount:.2f}" for amount in MONEY]
    )
    _, config = proposed(tmp_path, table)
    assert config.lead_schema.parse("x", {"figure": "8.561"}).fields["figure"] == 8.561


def test_two_conventions_in_one_column_are_told_and_left_out(tmp_path: Path) -> None:
    mixed = [german(amount) if row % 2 else f"{amount:,.2f}" for row, amount in enumerate(MONEY)]
    proposal, _ = proposed(tmp_path, TABLE.assign(figure=mixed))
    assert [left.why for left in proposal.left_out] == [
        "numbers that cannot be read: decimals stand behind . and , both; 150 different values are not written with ."
    ]


@pytest.mark.parametrize("texts", [["1-10", "11-50", "500+"], ["2 rooms", "3 rooms", "12"], ["030 1234", "089 5555"]])
def test_what_only_begins_as_a_number_is_none(tmp_path: Path, texts: list[str]) -> None:
    _, config = proposed(tmp_path, TABLE.assign(figure=RNG.choice(texts, N)))
    assert config.fields["figure"].kind is Kind.CATEGORY


MONTHS = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "es": "ene feb mar abr may jun jul ago sept oct nov dic",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}


def in_words(months: str) -> list[str]:
    return [f"{time.day} {months.split()[time.month - 1]} {time.year} {time:%H:%M:%S}" for time in ARRIVED]


TIMES: dict[str, object] = {
    "Salesforce": ARRIVED.strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
    "Python": ARRIVED.strftime("%Y-%m-%dT%H:%M:%S.123456+00:00"),
    "Rails": ARRIVED.strftime("%Y-%m-%d %H:%M:%S UTC"),
    "Go": ARRIVED.strftime("%Y-%m-%d %H:%M:%S +0000 UTC"),
    "JavaScript": ARRIVED.strftime("%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)"),
    "RFC 2822": ARRIVED.strftime("%a, %d %b %Y %H:%M:%S +0000"),
    "Unix seconds": ARRIVED.astype("datetime64[s]").astype("int64"),
    "US, 12 hours": ARRIVED.strftime("%m/%d/%Y %I:%M:%S %p"),
    "two-digit year": ARRIVED.strftime("%d.%m.%y %H:%M:%S"),
    ".NET": [f"/Date({int(time.timestamp() * 1000)})/" for time in ARRIVED],
    **{language: in_words(months) for language, months in MONTHS.items()},
}


@pytest.mark.parametrize("written", TIMES.values(), ids=TIMES)
def test_arrival_times_are_read_however_they_are_written(tmp_path: Path, written: object) -> None:
    _, config = proposed(tmp_path, TABLE.assign(created_at=written))
    assert config.leads.created_at == "created_at"
    read = parse_leads(read_table(str(tmp_path / "leads.csv")), config.lead_schema).created_at
    assert read is not None
    assert (read.astype("datetime64[s]") == ARRIVED.to_numpy().astype("datetime64[s]")).all()


def test_times_in_one_column_and_days_in_another_are_of_one_order(tmp_path: Path) -> None:
    closed = (ARRIVED + pd.Timedelta(days=20)).strftime("%m/%d/%Y")
    table = TABLE.assign(created_at=ARRIVED.strftime("%m/%d/%Y %I:%M %p"), **{"Close Date": closed})
    _, config = proposed(tmp_path, table)
    assert (config.leads.date_format, config.outcome.at) == ("%m/%d/%Y %I:%M %p", "Close Date")
    history = read_history(config)
    assert history.closed_at is not None
    assert (history.closed_at == (ARRIVED + pd.Timedelta(days=20)).normalize().to_numpy()).all()


def test_a_closing_date_of_another_order_brings_its_own_format(tmp_path: Path) -> None:
    closed = (ARRIVED + pd.Timedelta(days=20)).strftime("%d/%m/%Y")
    table = TABLE.assign(created_at=ARRIVED.strftime("%m/%d/%Y %I:%M %p"), closed_at=closed)
    _, config = proposed(tmp_path, table)
    assert (config.outcome.at, config.outcome.date_format) == ("closed_at", "%d/%m/%Y")
    closed_at = read_history(config).closed_at
    assert closed_at is not None
    assert (closed_at == (ARRIVED + pd.Timedelta(days=20)).normalize().to_numpy()).all()


def test_a_column_of_days_with_and_without_a_time_is_one_of_dates(tmp_path: Path) -> None:
    mixed = np.where(np.arange(N) % 3, ARRIVED.strftime("%d.%m.%Y %H:%M"), ARRIVED.strftime("%d.%m.%Y"))
    _, config = proposed(tmp_path, TABLE.assign(created_at=mixed))
    assert config.leads.date_format == "%d.%m.%Y %H:%M"
    assert len(parse_leads(read_table(str(tmp_path / "leads.csv")), config.lead_schema)) == N


def test_day_and_month_that_one_column_leaves_open_another_settles(tmp_path: Path) -> None:
    open_days = [
        f"{day:02d}/{month:02d}/2025" for day, month in zip(RNG.integers(1, 13, N), RNG.integers(1, 4, N), strict=True)
    ]
    table = TABLE.assign(created_at=open_days)
    assert "every date also reads as %m/%d/%Y: look" in proposed(tmp_path, table)[0].doubts[0]
    proposal, config = proposed(tmp_path, table.assign(visited=ARRIVED.strftime("%m/%d/%Y")))
    assert (config.leads.date_format, proposal.doubts) == ("%m/%d/%Y", ())


def test_the_last_rows_settle_what_the_first_leave_open(tmp_path: Path) -> None:
    days = pd.date_range("2025-01-01", periods=N, freq="D")
    early = days[days.day <= 12]
    order = [*early, *days.difference(early)]
    form: Callable[[pd.Timestamp], str] = lambda day: day.strftime("%m/%d/%Y")  # noqa: E731
    _, config = proposed(tmp_path, TABLE.assign(created_at=[form(day) for day in order]))
    assert config.leads.date_format == "%m/%d/%Y"


def test_a_typing_error_in_a_date_leaves_the_column_one_of_dates(tmp_path: Path) -> None:
    written = ARRIVED.strftime("%d/%m/%Y").tolist()
    written[7] = "01/01/2052"
    _, config = proposed(tmp_path, TABLE.assign(created_at=written))
    assert (config.leads.created_at, config.leads.date_format) == ("created_at", "%d/%m/%Y")


def test_two_equal_rows_are_one_lead_and_two_that_differ_are_refused(tmp_path: Path) -> None:
    twice = pd.concat([TABLE, TABLE.iloc[[3, 5]]])
    _, config = proposed(tmp_path, twice)
    history = read_history(config)
    assert len(history.leads) == N
    assert "leads.csv: rows that are equal to an earlier one: 2; they count once" in history.notes
    proposed(tmp_path, pd.concat([TABLE, TABLE.iloc[[3]].assign(source="other")]))
    with pytest.raises(Exception, match="the same id stands on several rows"):
        read_history(config)


@pytest.mark.parametrize(("mark", "odd", "decimal"), [(",", "2,5", "."), (".", "2.5", ",")])
def test_one_odd_cell_does_not_turn_thousands_into_decimals_and_is_said(
    tmp_path: Path, mark: str, odd: str, decimal: str
) -> None:
    texts = [f"{amount + 1000:,}".replace(",", mark) for amount in WHOLE]
    texts[7] = odd
    proposal, config = proposed(tmp_path, TABLE.assign(figure=texts))
    assert (config.fields["figure"].decimal or config.leads.decimal) == decimal
    assert config.lead_schema.parse("x", {"figure": f"8{mark}561"}).fields["figure"] == 8561
    assert any(" is read as thousands, as" in doubt for doubt in proposal.doubts)


def test_decimals_of_three_digits_stay_decimals(tmp_path: Path) -> None:
    texts = [str(amount) for amount in RNG.uniform(1, 900, N).round(3)]
    _, config = proposed(tmp_path, TABLE.assign(figure=texts))
    assert config.lead_schema.parse("x", {"figure": "8.561"}).fields["figure"] == 8.561


def test_scaled_amounts_are_numbers_for_a_table_and_a_single_lead(tmp_path: Path) -> None:
    written = [f"{2 + row % 80 / 10:.1f}k" if row % 3 else f"€ {1 + row % 7}.2M" for row in range(N)]
    _, config = proposed(tmp_path, TABLE.assign(budget=written))
    assert config.fields["budget"].kind is Kind.NUMERIC
    schema = config.lead_schema
    leads = parse_leads(read_table(str(tmp_path / "leads.csv")), schema)
    alone = schema.parse("1", {"budget": written[0]}).fields["budget"]
    assert leads.fields["budget"][0] == alone == pytest.approx(1.2e6)


@pytest.mark.parametrize("levels", [20, N])
def test_a_column_that_is_numbers_by_half_is_said_to_be_so(tmp_path: Path, levels: int) -> None:
    written = [f"{1000 + row % levels}" if row % 4 else f"{1 + row % levels} to 9k" for row in range(N)]
    proposal, config = proposed(tmp_path, TABLE.assign(budget=written))
    said = [*proposal.doubts, *(f"{left.name}: {left.why}" for left in proposal.left_out)]
    assert any("budget" in one and "numbers" in one and "mend those" in one for one in said)
    if levels < N:
        assert config.fields["budget"].kind is Kind.CATEGORY
        assert '"budget": 75% of the values are numbers, and 75 values are not a number (rows 2, 6, 10, …)' in said[0]
