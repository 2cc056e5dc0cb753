"""Files byte for byte, and read back by a reader made from each format's description alone."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ads.lead import Stated, Statement
from tests.connectors.ads.leads import FIELDS, NOW, lead, outcome, platform, statements

GOLDEN = Path(__file__).parent / "golden"
FILES = ("google-ads", "google-ads-enhanced", "google-data-manager", "yandex-metrica", "microsoft", "csv")
ODD = ["plain", "a,b", 'say "hi"', "two\nlines", "émoji 🎯", "=1+1", "Привет; мир", "'", ""]


def leads():
    return (
        lead('L,"1"', fields={**FIELDS, "job": 'Head, "EMEA" 🎯'}),
        lead(
            "L-2",
            fields={**FIELDS, "phone": "030 1", "gclid": "EAIaIQob"},
            arrived=NOW - timedelta(hours=36, seconds=7),
        ),
        lead("L-3", outcome=outcome("won", 99.999), arrived=NOW - timedelta(days=2), grade="D"),
    )


def changes(name: str, by: str) -> list[Statement]:
    """A restatement and a taking back of what was confirmed."""
    first = statements(platform(name), *leads())
    earlier = {
        (one.lead.lead_id, one.stage): [
            Stated("cv", name, one.stage, 0, one.kind, one.value, one.happened_at, one.stated_at, "confirmed")
        ]
        for one in first
    }
    won, lost, same = leads()
    now = (
        lead(won.lead_id, outcome=outcome("won", 3000.0)),
        lead(lost.lead_id, arrived=lost.arrived, outcome=outcome("lost")),
        same,
    )
    return [*statements(platform(by), *now, earlier=earlier)]


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_new_conversions_byte_for_byte(name):
    made = platform(name)
    written = made.write(statements(made, *leads()), made.id_kinds[0])

    assert written.encode() == (GOLDEN / f"{name}.csv").read_bytes()


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("google-ads-enhanced", "google-ads-adjustments"),
        ("google-data-manager", "google-data-manager"),
        ("microsoft", "microsoft"),
    ],
)
def test_a_file_of_changes_byte_for_byte(name, by):
    written = platform(by).write(changes(name, by))

    assert written.encode() == (GOLDEN / f"{by}-changes.csv").read_bytes()


def test_simple_orders_of_yandex_byte_for_byte():
    made = platform("yandex-metrica", yandex_metrica={"counter": "1", "upload": "orders"})
    won = lead("L-9", outcome=outcome("won", 500.0), arrived=datetime(2026, 10, 25, 0, 30, tzinfo=UTC))

    written = made.write(statements(made, *leads(), won))

    assert written.encode() == (GOLDEN / "yandex-orders.csv").read_bytes()


def test_each_kind_of_click_id_has_a_file_of_its_own():
    made = platform("google-ads")
    both = lead("L-1", fields={"gclid": "Cj0KCQ", "gbraid": "0AAAAAB"})
    said = statements(made, both, lead("L-2", fields={"gbraid": "0AAAAAC"}), lead("L-3", fields={"wbraid": "ClkKCQ"}))

    assert [made.id_kind(one) for one in sorted(said, key=lambda one: one.event_id)] == ["gclid", "gbraid", "wbraid"]
    assert made.write([said[1]], "gbraid").splitlines()[1].startswith("GBRAID,Conversion Name")


MOMENTS = st.datetimes(
    datetime(2026, 8, 1), datetime(2026, 10, 25, 11),
    timezones=st.sampled_from([UTC, *map(ZoneInfo, ("Europe/Berlin", "America/New_York", "Asia/Kathmandu"))])
    | st.builds(timezone, st.builds(timedelta, minutes=st.integers(-700, 700))),
)  # fmt: skip
TEXTS = st.sampled_from(ODD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(at=MOMENTS, text=TEXTS, lead_id=TEXTS.filter(str.strip), p=st.floats(0, 1), brings=st.floats(0, 1e7))
def test_google_s_files_read_back_as_they_were_meant(at, text, lead_id, p, brings):
    local = at.replace(microsecond=0)
    at = local.astimezone(UTC)  # in a zone, Python finds no time of an hour that comes twice equal to another's
    one = lead(lead_id, arrived=local, probability=p, value=brings, fields={**FIELDS, "job": text})
    for name in ("google-ads", "google-ads-enhanced"):
        made = platform(name, google_ads={"conversion": text.strip() or "c"})
        parameters, rows = read_google(made.write(statements(made, one), made.id_kinds[0]))
        (row,) = rows
        assert parameters == {"TimeZone": "+0000"}
        assert datetime.strptime(row["Conversion Time"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) == at
        assert float(row["Conversion Value"]) == pytest.approx(round(p * brings * 0.5, 2))
        assert row["Conversion Currency"] == "EUR"
        assert row["Google Click ID"] == FIELDS["gclid"]
        assert row["Conversion Name"] == one_line(text.strip() or "c")
        if name == "google-ads-enhanced":
            assert row["Order ID"] == one_line(lead_id)
            assert re.fullmatch(r"[0-9a-f]{64}", row["Email"])


@given(at=MOMENTS, text=TEXTS, p=st.floats(0, 1))
def test_the_other_files_read_back_as_they_were_meant(at, text, p):
    local = at.replace(microsecond=0)
    at = local.astimezone(UTC)
    one = lead(arrived=local, probability=p, fields={**FIELDS, "job": text})
    (row,) = read_csv(platform("google-data-manager").write(statements(platform("google-data-manager"), one)))
    assert datetime.fromisoformat(row["Event Time"]) == at
    assert row["Event Time"].endswith("Z")
    _, row = read_csv(platform("microsoft").write(statements(platform("microsoft"), one)))
    assert datetime.strptime(row["Conversion Time"], "%m/%d/%Y %I:%M:%S %p").replace(tzinfo=UTC) == at
    (row,) = read_csv(platform("csv").write(statements(platform("csv"), one)))
    assert row["Job"].removeprefix("'") == one_line(text.strip()).removeprefix("'")
    assert not row["Job"].startswith(("=", "@"))


@given(st.datetimes(datetime(2026, 10, 5), datetime(2026, 10, 25, 11), timezones=st.just(UTC)))
def test_yandex_s_file_reads_back_with_whole_seconds_of_the_past(at):
    made = platform("yandex-metrica")
    (row,) = read_csv(made.write(statements(made, lead(arrived=at)), "client_id"))

    assert [*row] == ["ClientId", "Target", "DateTime", "Price", "Currency"]
    assert datetime.fromtimestamp(int(row["DateTime"]), UTC) == at.replace(microsecond=0)
    assert row["ClientId"] == FIELDS["yandex_client_id"]
    assert re.fullmatch(r"\d+\.\d\d", row["Price"])


def read_csv(text: str) -> list[dict[str, str]]:
    """RFC 4180: a header, then rows of as many cells."""
    assert text.endswith("\n")
    assert "\r" not in text
    rows = list(csv.reader(io.StringIO(text), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


def read_google(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """A line `Parameters:name=value`, then the table."""
    first, _, rest = text.partition("\n")
    return dict([first.removeprefix("Parameters:").split("=", 1)]), read_csv(rest)


def one_line(text: str) -> str:
    return text.replace("\0", "").replace("\n", " ").replace("\r", " ")
