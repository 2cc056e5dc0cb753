"""`AdsConfig`: ads.toml, which says what a lead is worth, where its click ids stand, and what each platform needs."""

from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, field_validator, model_validator

from connectors.toml_config import Endpoint, Section, Text, check_toml, read_toml
from features.errors import Refused

CSV_COLUMNS = (
    *("lead_id", "event_id", "kind", "stage", "time", "unix_time", "changed_at", "value", "currency", "probability"),
    *("grade", "source", "campaign", "email_sha256", "phone_sha256"),
)
"""What a column of the platform `csv` may hold, beside `field:NAME` and `text:WORDS`."""


class AdsRefused(Refused):
    """ads.toml, or what is asked of an export, is missing or wrong; the message says what is accepted."""


def _check_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ValueError, OSError, KeyError):
        raise ValueError("expected a time zone such as Europe/Berlin") from None
    return zone


Zone = Annotated[str, AfterValidator(_check_zone)]
Money = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, le=1)]
Digits = Annotated[str, Field(pattern=r"^\d{1,20}$")]
Consent = Literal["Granted", "Denied"]


class MarginSection(Section):
    """What a won lead is worth: `share` of what it brings; `value` is what it brings where the lead says nothing.

    `shares` and `values` are for the values of the field that `by` names: the source, or one such as the product.
    """

    share: Share = 1.0
    value: Money | None = None
    by: Text = "source"
    shares: dict[str, Share] = Field(default_factory=dict)
    values: dict[str, Money] = Field(default_factory=dict)


class FieldsSection(Section):
    """Which of the company's fields hold what platforms know a lead by; one that no lead has is no error."""

    clicked_at: str | None = None
    gclid: str = "gclid"
    gbraid: str = "gbraid"
    wbraid: str = "wbraid"
    email: str = "email"
    phone: str = "phone"
    meta_lead_id: str = "meta_lead_id"
    yandex_client_id: str = "yandex_client_id"
    yclid: str = "yclid"
    msclkid: str = "msclkid"
    li_fat_id: str = "li_fat_id"
    tiktok_lead_id: str = "tiktok_lead_id"
    ttclid: str = "ttclid"
    ad_user_data: str | None = None
    ad_personalization: str | None = None


class ConsentSection(Section):
    """The consent of leads that have none in a field of their own."""

    ad_user_data: Consent | None = None
    ad_personalization: Consent | None = None


class GoogleAdsSection(Section):
    """For the three files of Google Ads."""

    conversion: Text


class DataManagerSection(Section):
    """For Google's Data Manager; the file needs none of the ids."""

    operating_account: Digits | None = None
    login_account: Digits | None = None
    conversion_action: Digits | None = None
    endpoint: Endpoint = "https://datamanager.googleapis.com"


class _StagesSection(Section):
    lead: Text | None = "Lead"
    qualified: Text | None = "Qualified"
    won: Text | None = "Won"
    qualified_grades: tuple[Literal["A", "B", "C", "D"], ...] = Field(default=("A", "B"), min_length=1)


class MetaSection(_StagesSection):
    """For Meta's Conversions API; an event's name for each stage."""

    dataset: Digits
    crm: Text = "CRM"
    version: Annotated[str, Field(pattern=r"^v\d+\.\d+$")] = "v24.0"
    endpoint: Endpoint = "https://graph.facebook.com"


class TikTokSection(_StagesSection):
    """For TikTok's Events API; an event's name for each stage."""

    event_set: Text
    crm: Text = "CRM"
    endpoint: Endpoint = "https://business-api.tiktok.com"


class YandexSection(Section):
    """For Yandex Metrica: offline conversions of a goal, or simple orders, whose status and revenue can change."""

    counter: Digits | None = None
    upload: Literal["conversions", "orders"] = "conversions"
    goal: Text | None = None
    time_zone: Zone = "Europe/Moscow"
    endpoint: Endpoint = "https://api-metrika.yandex.net"

    @model_validator(mode="after")
    def _conversions_need_a_goal(self) -> Self:
        if self.upload == "conversions" and self.goal is None:
            raise ValueError('goal is required where upload = "conversions"')
        return self


class MicrosoftSection(Section):
    """For Microsoft Advertising's bulk file."""

    conversion: Text


class LinkedInSection(Section):
    """For LinkedIn's Conversions API."""

    conversion_rule: Digits
    version: Annotated[str, Field(pattern=r"^20\d{4}$")] = "202609"
    endpoint: Endpoint = "https://api.linkedin.com"


class CsvSection(Section):
    """A file of one's own: what each column holds, and whether changes are written besides new conversions."""

    columns: dict[Text, str] = Field(min_length=1)
    id_field: str | None = None
    days: Annotated[int, Field(ge=1, le=3650)] = 90
    changes: bool = True

    @field_validator("columns")
    @classmethod
    def _can_be_filled(cls, columns: dict[str, str]) -> dict[str, str]:
        for name, holds in columns.items():
            if holds not in CSV_COLUMNS and not holds.startswith(("field:", "text:")):
                raise ValueError(f"{name} = {holds!r}: accepted are {', '.join(CSV_COLUMNS)}, field:NAME, text:WORDS")
        return columns


class AdsConfig(Section):
    """All of ads.toml; a platform is set up where its table is there."""

    value_today: Money | None = None
    margin: MarginSection = MarginSection()
    fields: FieldsSection = FieldsSection()
    consent: ConsentSection = ConsentSection()
    google_ads: GoogleAdsSection | None = Field(default=None, alias="google-ads")
    google_data_manager: DataManagerSection | None = Field(default=None, alias="google-data-manager")
    meta: MetaSection | None = None
    yandex_metrica: YandexSection | None = Field(default=None, alias="yandex-metrica")
    microsoft: MicrosoftSection | None = None
    linkedin: LinkedInSection | None = None
    tiktok: TikTokSection | None = None
    csv: CsvSection | None = None


def example_text() -> str:
    """An ads.toml to begin with, each line with its comment."""
    return resources.files("connectors.ads").joinpath("ads.toml").read_text("utf-8")


def read_ads_config(path: Path) -> AdsConfig:
    """The configuration in ads.toml, checked.

    Raises:
        AdsRefused: with every key that is missing, unknown or wrong.
    """
    hint = "`leads export csv --init` writes one; LEADS_ADS_FILE says where it stands."
    return check_ads_config(read_toml(path, AdsRefused, hint), str(path))


def check_ads_config(content: dict[str, object], name: str = "ads.toml") -> AdsConfig:
    """The configuration that an ads.toml holds as `content`; raises `AdsRefused`."""
    return check_toml(AdsConfig, content, name, AdsRefused)
