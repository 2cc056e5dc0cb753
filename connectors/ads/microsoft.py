"""Microsoft Advertising's bulk file: conversions by msclkid, restated and retracted in the same table.

Its web page takes the file; the goal must be two hours old.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.ads.config import AdsRefused
from connectors.ads.csv_text import csv_text, money
from connectors.ads.lead import AdLead, Kind, Statement
from connectors.ads.platform import Platform

HEADER = (
    *("Type", "Status", "Id", "Parent Id", "Client Id", "Name", "Conversion Currency Code", "Conversion Name"),
    *("Conversion Time", "Conversion Value", "Microsoft Click Id", "Adjustment Type", "Adjustment Time"),
    *("Adjustment Value", "Adjustment Currency Code"),
)
VERSION = ("Format Version", "", "", "", "", "6.0", *[""] * 9)


class Microsoft(Platform):
    """Offline conversions of one goal."""

    name, title, ledger = "microsoft", "Microsoft Advertising", "microsoft"
    needs = "msclkid"
    window = timedelta(days=90)
    change_window = timedelta(days=90)
    retracts = zero_is_final = True

    def prepare(self) -> None:
        if self.config.microsoft is None:
            raise AdsRefused('ads.toml needs a table [microsoft] with conversion = "…", the goal\'s name')
        self.conversion = self.config.microsoft.conversion

    def find_ids(self, lead: AdLead) -> Mapping[str, str]:
        found = self.click_id(lead, self.config.fields.msclkid)
        return {"msclkid": found} if found else {}

    def collides(self, statement: Statement) -> tuple[str, ...]:
        return (statement.ids["msclkid"], _time(statement.happened_at))

    def write(self, statements: Sequence[Statement], id_kind: str = "") -> str:  # noqa: ARG002 - one kind of file
        return csv_text(HEADER, [VERSION, *map(self._row, statements)])

    def _row(self, one: Statement) -> tuple[str, ...]:
        amount, currency = money(one.value), self.context.currency
        new = (currency, amount) if one.kind is Kind.NEW else ("", "")
        changed = ("", "", "", "")
        if one.kind is Kind.RETRACT:
            changed = ("Retract", _time(one.stated_at), "", "")
        elif one.kind is Kind.RESTATE:
            changed = ("Restate", _time(one.stated_at), amount, currency)
        begin = ("Offline Conversion", "", "", "", "", "", new[0], self.conversion)
        return (*begin, _time(one.happened_at), new[1], one.ids["msclkid"], *changed)


def _time(at: datetime) -> str:
    """4/1/2020 6:50:54 PM, in UTC."""
    utc = at.astimezone(UTC)
    return f"{utc.month}/{utc.day}/{utc.year} {utc.hour % 12 or 12}:{utc:%M:%S} {'AM' if utc.hour < 12 else 'PM'}"
