"""Google Ads' three files: conversions by click id, enhanced conversions for leads, and adjustments.

The click template takes no further column, so without an Order ID what it brought cannot be changed later.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.ads.config import AdsRefused
from connectors.ads.csv_text import csv_text, money
from connectors.ads.lead import AdLead, Kind, Statement
from connectors.ads.platform import Platform, first_filled

PARAMETERS = "Parameters:TimeZone=+0000"
"""The line above the header: times are in UTC, where no hour of autumn comes twice."""
DAYS_90 = timedelta(days=90)
HEADERS = {"gclid": "Google Click ID", "gbraid": "GBRAID", "wbraid": "WBRAID"}
ENHANCED = (
    *("Email", "Phone Number", "Order ID", "Google Click ID", "Conversion Name", "Conversion Time"),
    *("Conversion Value", "Conversion Currency", "Ad User Data", "Ad Personalization"),
)
ADJUSTMENTS = (
    *("Order ID", "Conversion Name", "Adjustment Time", "Adjustment Type", "Adjusted Value", "Adjusted Value Currency"),
)


class _GoogleAds(Platform):
    ledger = "google-ads"
    window = DAYS_90

    def prepare(self) -> None:
        if self.config.google_ads is None:
            raise AdsRefused('ads.toml needs a table [google-ads] with conversion = "…", the conversion action\'s name')
        self.conversion = self.config.google_ads.conversion

    def click_ids(self, lead: AdLead) -> dict[str, str]:
        """The one click id that counts, by its kind."""
        fields = self.config.fields
        names = {"gclid": fields.gclid, "gbraid": fields.gbraid, "wbraid": fields.wbraid}
        return first_filled({kind: self.click_id(lead, name) for kind, name in names.items()})


class GoogleAdsClicks(_GoogleAds):
    """The template for click ids, a file for each kind of them."""

    name, title = "google-ads", "Google Ads, by click id"
    needs = "gclid, gbraid or wbraid"
    id_kinds = ("gclid", "gbraid", "wbraid")

    def find_ids(self, lead: AdLead) -> Mapping[str, str]:
        return self.click_ids(lead)

    def id_kind(self, statement: Statement) -> str:
        return next(iter(statement.ids))

    def collides(self, statement: Statement) -> tuple[str, ...]:
        return (*statement.ids.values(), _time(statement.happened_at))

    def write(self, statements: Sequence[Statement], id_kind: str = "gclid") -> str:
        header = (HEADERS[id_kind], "Conversion Name", "Conversion Time", "Conversion Value", "Conversion Currency")
        rows = ((*one.ids.values(), *self._conversion(one)) for one in statements)
        return csv_text(header, rows, PARAMETERS)

    def _conversion(self, one: Statement) -> tuple[str, ...]:
        return (self.conversion, _time(one.happened_at), money(one.value), self.context.currency)


class GoogleAdsEnhanced(_GoogleAds):
    """Enhanced conversions for leads: by hashed address or number, with the click id where there is one."""

    name, title = "google-ads-enhanced", "Google Ads, enhanced conversions for leads"
    needs = "e-mail address, or phone number with its country"

    def find_ids(self, lead: AdLead) -> Mapping[str, str]:
        person = self.hashed_person(lead)
        gclid = self.click_id(lead, self.config.fields.gclid)
        return {**person, "gclid": gclid} if person else {}

    def write(self, statements: Sequence[Statement], id_kind: str = "") -> str:  # noqa: ARG002 - one kind of file
        return csv_text(ENHANCED, map(self._row, statements), PARAMETERS)

    def _row(self, one: Statement) -> tuple[str, ...]:
        return (
            one.ids.get("email", ""),
            one.ids.get("phone", ""),
            one.event_id,
            one.ids.get("gclid", ""),
            self.conversion,
            _time(one.happened_at),
            money(one.value),
            self.context.currency,
            *self.consent(one.lead),
        )


class GoogleAdsAdjustments(_GoogleAds):
    """Changes of what enhanced conversions brought: another value, or a retraction, which is final."""

    name, title = "google-ads-adjustments", "Google Ads, adjustments"
    needs = "nothing but its Order ID"
    takes_new = False
    change_window = timedelta(days=55)
    retracts = zero_is_final = True
    changes_of = frozenset({GoogleAdsEnhanced.name})

    def find_ids(self, lead: AdLead) -> Mapping[str, str]:
        return {"order_id": lead.lead_id}

    def write(self, statements: Sequence[Statement], id_kind: str = "") -> str:  # noqa: ARG002
        return csv_text(ADJUSTMENTS, map(self._row, statements), PARAMETERS)

    def _row(self, one: Statement) -> tuple[str, ...]:
        retracted = one.kind is Kind.RETRACT
        changed = ("", "") if retracted else (money(one.value), self.context.currency)
        return (one.event_id, self.conversion, _time(one.stated_at), one.kind.value.upper(), *changed)


def _time(at: datetime) -> str:
    """A time in UTC, in the one form that is taken everywhere: other forms of ISO 8601 are reported as rejected."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
