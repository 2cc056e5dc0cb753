"""A file of one's own, for whatever takes CSV: ads.toml says what each column holds."""

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta

from connectors.ads.config import AdsRefused
from connectors.ads.csv_text import csv_text, money
from connectors.ads.lead import AdLead, Statement
from connectors.ads.platform import Platform
from features.tables.formula_guard import guarded


class CsvMapping(Platform):
    """Every lead, or those that have something in `id_field`."""

    name, title, ledger, needs = "csv", "CSV of one's own", "csv", "what [csv] id_field names"
    window = timedelta(days=90)

    def prepare(self) -> None:
        if self.config.csv is None:
            raise AdsRefused('ads.toml needs a table [csv.columns], such as Order = "lead_id", Value = "value"')
        self.section = self.config.csv
        self.window = timedelta(days=self.section.days)  # type: ignore[misc]
        self.change_window = timedelta(days=3650) if self.section.changes else None  # type: ignore[misc]

    def find_ids(self, lead: AdLead) -> Mapping[str, str]:
        if self.section.id_field is None:
            return {"lead_id": lead.lead_id}
        found = lead.text(self.section.id_field)
        return {"id": found} if found else {}

    def write(self, statements: Sequence[Statement], id_kind: str = "") -> str:  # noqa: ARG002 - one kind of file
        columns = self.section.columns
        rows = ([guarded(self._cell(one, holds)) for holds in columns.values()] for one in statements)
        return csv_text([guarded(name) for name in columns], rows)

    def _cell(self, one: Statement, holds: str) -> str:
        what, _, rest = holds.partition(":")
        if what == "field":
            return one.lead.text(rest)
        return rest if what == "text" else self._known(one)[holds]

    def _known(self, one: Statement) -> dict[str, str]:
        person = self.hashed_person(one.lead)
        return {
            "lead_id": one.lead.lead_id,
            "event_id": one.event_id,
            "kind": one.kind.value,
            "stage": one.stage,
            "time": f"{one.happened_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "unix_time": str(int(one.happened_at.timestamp())),
            "changed_at": f"{one.stated_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "value": money(one.value),
            "currency": self.context.currency,
            "probability": f"{one.lead.probability or 0.0:.6f}",
            "grade": one.lead.grade or "",
            "source": one.lead.source or "",
            "campaign": one.lead.campaign or "",
            "email_sha256": person.get("email", ""),
            "phone_sha256": person.get("phone", ""),
        }
