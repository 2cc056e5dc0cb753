"""Our readers of dates, numbers and CSV beside others': read right, refused, read wrongly, microseconds a value.

    pip install dateparser price-parser babel duckdb python-dateutil && python -m benchmarks.reading

docs/decisions/015 holds what it showed. The others are no dependencies of the product.
"""

import math
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import dateparser
import duckdb
from babel.numbers import parse_decimal
from dateutil import parser as dateutil_parser
from price_parser import Price

from features.values import ValueRefused, parse_datetime, parse_number

MOMENT = datetime(2025, 2, 13, 12, 16, 47, tzinfo=UTC)
DAY = datetime(2025, 2, 13, tzinfo=UTC)
TIMES: dict[str, datetime | None] = {
    "2025-02-13T12:16:47.000+0000": MOMENT,
    "2025-02-13 12:16:47 UTC": MOMENT,
    "2025-02-13 12:16:47 +0000 UTC": MOMENT,
    "Thu Feb 13 2025 15:16:47 GMT+0300 (Moscow Standard Time)": MOMENT,
    "Thu, 13 Feb 2025 12:16:47 +0000": MOMENT,
    "Thu Feb 13 12:16:47 UTC 2025": MOMENT,
    "2025-02-13T12:16:47Z[UTC]": MOMENT,
    "20250213": DAY,
    "20250213121647": MOMENT,
    "/Date(1739449007000)/": MOMENT,
    "2. Februar 2025": None,
    "13. Februar 2025": DAY,
    "13 févr. 2025 à 12:16:47": MOMENT,
    "13 de febrero de 2025, 12:16:47 p. m.": MOMENT,
    "13 февраля 2025 г.": DAY,
    "13 de fevereiro de 2025": DAY,
    "13 lutego 2025": DAY,
    "13-FEB-25 12.16.47.000000 PM": MOMENT,
    "2025年2月13日": DAY,
    "02/03/2025": None,
    "1001-5000": None,
    "2.5": None,
    "12": None,
    "May": None,
    "2025-02-13 12:16:47 IST": None,
    "500 Main Street 12": None,
}
"""None where a careful reader refuses: it may be two days, or is none. A date more than that is checked as it is."""
TIMES["2. Februar 2025"] = datetime(2025, 2, 2, tzinfo=UTC)

NUMBERS: dict[tuple[str, str], float | None] = {
    ("1.077,50 €", ","): 1077.5,
    ("12,3 %", ","): 12.3,
    ("8.561", ","): 8561.0,
    ("8.561", "."): 8.561,
    ("1,09,375", "."): 109_375.0,
    ("USD 7,584.00", "."): 7584.0,
    ("R$ 31.580,00", ","): 31_580.0,
    ("12\u202f000 kr", ","): 12_000.0,
    ("(1,234)", "."): -1234.0,
    ("$-500", "."): -500.0,
    ("1.234-", ","): -1234.0,
    ("$1.2k", "."): 1200.0,
    ("3,5 Mio. €", ","): 3.5e6,
    ("500+", "."): 500.0,
    ("CHF 1’234.50", "."): 1234.5,
    ("1,234.5", ","): None,
    ("1.234,5", "."): None,
    ("11-50", "."): None,
    ("12 days", "."): None,
    ("5m", "."): None,
    ("1 2", "."): None,
    ("030 1234", "."): None,
}
LOCALES = {".": "en_US", ",": "de_DE"}

Reader = Callable[[str], object]


def _ours(text: str) -> datetime:
    return parse_datetime(text)


def _dateparser(text: str) -> datetime | None:
    return _utc(dateparser.parse(text))


def _dateutil(text: str) -> datetime | None:
    return _utc(dateutil_parser.parse(text))


def _utc(read: datetime | None) -> datetime | None:
    return read and (read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC))


def _duckdb_time(text: str) -> datetime | None:
    found = duckdb.execute("SELECT try_cast(? AS TIMESTAMP)", [text]).fetchone()
    return _utc(found[0]) if found else None


def _price(text: str, decimal: str) -> float | None:
    return Price.fromstring(text, decimal_separator=decimal).amount_float


def _babel(text: str, decimal: str) -> float:
    return float(parse_decimal(text, locale=LOCALES[decimal], strict=True))


def _tried(read: Callable[[], object]) -> tuple[object, float]:
    begun, times = time.process_time(), 0
    value: object = None
    while times < 20:
        times += 1
        try:
            value = read()
        except (ValueError, OverflowError, ArithmeticError, ValueRefused):
            value = None
    return value, (time.process_time() - begun) / times * 1e6


def _row(name: str, tried: Sequence[tuple[object, object, float]]) -> str:
    right = sum(value is not None and value == wanted for wanted, value, _ in tried)
    readable = sum(wanted is not None for wanted, _, _ in tried)
    wrong = sum(value is not None and value != wanted for wanted, value, _ in tried)
    median = sorted(took for *_, took in tried)[len(tried) // 2]
    return f"| {name} | {right} of {readable} | {wrong} | {median:,.0f} |"


def compare() -> Iterator[str]:
    """The lines of two tables."""
    yield "| times | read right | read wrongly | median µs |\n|---|---|---|---|"
    readers: dict[str, Reader] = {
        "ours": _ours,
        "dateparser": _dateparser,
        "dateutil": _dateutil,
        "DuckDB cast": _duckdb_time,
    }
    for name, read in readers.items():
        yield _row(name, [(wanted, *_tried(partial(read, text))) for text, wanted in TIMES.items()])
    yield "\n| numbers, the mark told | read right | read wrongly | median µs |\n|---|---|---|---|"
    number_readers: dict[str, Callable[[str, str], object]] = {
        "ours": parse_number,
        "price-parser": _price,
        "babel.numbers": _babel,
    }
    for name, number in number_readers.items():
        tried = [(wanted, *_tried(partial(number, text, mark))) for (text, mark), wanted in NUMBERS.items()]
        yield _row(name, [(wanted, _rounded(value), took) for wanted, value, took in tried])


def _rounded(value: object) -> object:
    return round(value, 9) if isinstance(value, float) and math.isfinite(value) else value


TABLE = "id,arrived,source,won\n" + "".join(f"{n},2025-01-{n:02d},Web,{n % 3 == 0}\n" for n in range(1, 21))
FILES = {
    "plain": TABLE,
    "a title above": "Leads of 2025\n\n" + TABLE,
    "a footer below": TABLE + "\nCopyright\nConfidential\n",
    "notes of several lines": TABLE.replace("won\n", "won,note\n", 1).replace("e\n", 'e,"Hi,\na, b, c, d\nThanks"\n'),
    "cut off": TABLE + "21",
    "a quote missing": TABLE.replace("\n5,", '\n"5,').replace("\n9,", '\n9",'),
    "no header": TABLE.partition("\n")[2],
    "pandas' index": "," + TABLE.replace("\n", "\n0,", 20).replace("\n0,", "\n7,", 1),
}


def sniffed() -> Iterator[str]:
    """What DuckDB's sniffer makes of files: the names of the columns and how many rows."""
    for name, text in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "leads.csv"
            place.write_text(text)
            try:
                read = duckdb.execute(f"SELECT * FROM read_csv_auto('{place}')")  # noqa: S608 (a place of ours)
                names = [column[0] for column in read.description or []]
                yield f"{name}: {len(read.fetchall())} rows, {names}"
            except duckdb.Error as error:
                yield f"{name}: {str(error).splitlines()[0][:100]}"


if __name__ == "__main__":
    print(*compare(), "", *sniffed(), sep="\n")
