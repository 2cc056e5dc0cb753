"""Google's Data Manager: a file with one header line, where the same transaction id once more is another value."""

from collections.abc import Mapping, Sequence
from datetime import UTC, timedelta

from connectors.ads.config import AdsRefused
from connectors.ads.csv_text import csv_text, money
from connectors.ads.lead import AdLead, Statement
from connectors.ads.platform import Platform, first_filled

HEADER = (
    *("Transaction ID", "Event Time", "Last Updated", "GCLID", "GBRAID", "WBRAID", "Email", "Phone"),
    *("Conversion Value", "Currency", "Ad User Data", "Ad Personalization", "Customer Value Bucket"),
)
BUCKETS = {"A": "HIGH", "B": "MEDIUM", "C": "LOW", "D": "LOW"}
"""Customer value buckets by the grade."""


class DataManager(Platform):
    """Conversions and their later values in one format; 0 takes one back."""

    name, title, ledger = "google-data-manager", "Google Data Manager", "google-data-manager"
    needs = "gclid, gbraid, wbraid, e-mail address, or phone number with its country"
    window = timedelta(days=90)
    change_window = timedelta(days=55)

    def prepare(self) -> None:
        if self.config.google_data_manager is None:
            raise AdsRefused("ads.toml needs a table [google-data-manager]; for a file it may be empty")

    def find_ids(self, lead: AdLead) -> Mapping[str, str]:
        fields = self.config.fields
        names = {"gclid": fields.gclid, "gbraid": fields.gbraid, "wbraid": fields.wbraid}
        click = first_filled({kind: self.click_id(lead, name) for kind, name in names.items()})
        return {**click, **self.hashed_person(lead)}

    def write(self, statements: Sequence[Statement], id_kind: str = "") -> str:  # noqa: ARG002 - one kind of file
        return csv_text(HEADER, map(self._row, statements))

    def _row(self, one: Statement) -> tuple[str, ...]:
        times = (f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for at in (one.happened_at, one.stated_at))
        ids = (one.ids.get(name, "") for name in ("gclid", "gbraid", "wbraid", "email", "phone"))
        rest = (money(one.value), self.context.currency, *self.consent(one.lead))
        return (one.event_id, *times, *ids, *rest, BUCKETS.get(one.lead.grade or "", ""))
