"""Leads, ads.toml and platforms for tests of exports."""

from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.ads.config import AdsConfig, check_ads_config
from connectors.ads.lead import AdLead, KnownOutcome, Statement
from connectors.ads.plan import Plan, Rules, make_plan
from connectors.ads.platform import Context, Platform
from connectors.ads.platforms import make_platform

NOW = datetime(2026, 10, 25, 12, 0, tzinfo=UTC)
ADS: dict[str, object] = {
    "margin": {"share": 0.5, "value": 1000.0, "shares": {"Fair": 0.25}},
    "google-ads": {"conversion": "Qualified lead"},
    "google-data-manager": {"operating_account": "1234567890", "conversion_action": "42"},
    "meta": {"dataset": "777", "crm": "OurCRM"},
    "yandex-metrica": {"counter": "2215573", "goal": "qualified"},
    "microsoft": {"conversion": "My Goal Name"},
    "linkedin": {"conversion_rule": "104012"},
    "tiktok": {"event_set": "E-1"},
    "csv": {"columns": {"Order": "lead_id", "When": "time", "Worth": "value", "Job": "field:job", "Kind": "kind"}},
}
FIELDS = {
    "gclid": "Cj0KCQiA_-x.9",
    "email": " Ann.Lee+ads@GoogleMail.com ",
    "phone": "+49 (30) 123-4567",
    "meta_lead_id": "1234567890123456",
    "yandex_client_id": "1772125921407675467",
    "msclkid": "f894f652ea334e739002f7167ab8f8e3",
    "li_fat_id": "df5gf5-gh6t7-ph4j7h-fgf6n1",
    "tiktok_lead_id": "7000000000000000001",
}


def config(**changed: object) -> AdsConfig:
    return check_ads_config({**ADS, **{name.replace("_", "-"): section for name, section in changed.items()}})


def platform(name: str, **changed: object) -> Platform:
    tokens = dict.fromkeys(("meta", "yandex", "linkedin", "tiktok"), "secret-token")
    return make_platform(name, Context(config(**changed), "EUR", tokens))


def lead(lead_id: str = "L-1", **given: Any) -> AdLead:
    """A lead that arrived yesterday, worth 0.3 × 500."""
    values: dict[str, Any] = {
        "arrived": NOW - timedelta(days=1),
        "source": "Google",
        "campaign": "brand",
        "value": None,
        "fields": FIELDS,
        "probability": 0.299,
        "grade": "A",
        "scored_at": NOW - timedelta(days=1),
        "outcome": None,
        **given,
    }
    return AdLead(lead_id, **values)


def outcome(status: Any, value: float | None = None, at: datetime = NOW - timedelta(hours=2)) -> KnownOutcome:
    return KnownOutcome(status, at, value, at)


def plan(made: Platform, *leads: AdLead, earlier: Any = None, **rules: Any) -> Plan:
    return make_plan(made, leads, earlier or {}, Rules(**{"now": NOW, **rules}))


def statements(made: Platform, *leads: AdLead, **rules: Any) -> tuple[Statement, ...]:
    return plan(made, *leads, **rules).statements
