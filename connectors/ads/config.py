"""`AdsConfig`: ads.toml, which says what a lead is worth, where its click ids stand, and what each platform needs."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from features.errors import Refused

TEXTS = {"missing": "is required", "extra_forbidden": "there is no such key", "model_type": "expected a table"}
"""The messages for pydantic's types of error."""
HERE = ("http://127.0.0.1", "http://localhost")
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


def _check_endpoint(url: str) -> str:
    """The address without a slash at its end; a token travels to it, so only https, or http to this machine."""
    local = any(url == host or url.startswith((f"{host}:", f"{host}/")) for host in HERE)
    if not url.startswith("https://") and not local:
        raise ValueError("expected an address that begins with https://")
    return url.rstrip("/")


Zone = Annotated[str, AfterValidator(_check_zone)]
Endpoint = Annotated[str, AfterValidator(_check_endpoint)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
Money = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Share = Annotated[float, Field(gt=0, le=1)]
Digits = Annotated[str, Field(pattern=r"^\d{1,20}$")]
Consent = Literal["Granted", "Denied"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MarginSection(_Section):
    """What a won lead is worth: `share` of what it brings; `value` is what it brings where the lead says nothing.

    `shares` and `values` are for the values of the field that `by` names: the source, or one such as the product.
    """

    share: Share = 1.0
    value: Money | None = None
    by: Text = "source"
    shares: dict[str, Share] = {}
    values: dict[str, Money] = {}


class FieldsSection(_Section):
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


class ConsentSection(_Section):
    """The consent of leads that have none in a field of their own."""

    ad_user_data: Consent | None = None
    ad_personalization: Consent | None = None


class GoogleAdsSection(_Section):
    """For the three files of Google Ads."""

    conversion: Text


class DataManagerSection(_Section):
    """For Google's Data Manager; the file needs none of the ids."""

    operating_account: Digits | None = None
    login_account: Digits | None = None
    conversion_action: Digits | None = None
    endpoint: Endpoint = "https://datamanager.googleapis.com"


class _StagesSection(_Section):
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


class YandexSection(_Section):
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


class MicrosoftSection(_Section):
    """For Microsoft Advertising's bulk file."""

    conversion: Text


class LinkedInSection(_Section):
    """For LinkedIn's Conversions API."""

    conversion_rule: Digits
    version: Annotated[str, Field(pattern=r"^20\d{4}$")] = "202609"
    endpoint: Endpoint = "https://api.linkedin.com"


class CsvSection(_Section):
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


class AdsConfig(_Section):
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
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise AdsRefused(
            f"{path} is not there. `leads export csv --init` writes one; LEADS_ADS_FILE says where it stands."
        ) from None
    except OSError as error:
        raise AdsRefused(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AdsRefused(f"{path} is not valid TOML: {error}") from None
    return check_ads_config(content, str(path))


def check_ads_config(content: dict[str, object], name: str = "ads.toml") -> AdsConfig:
    """The configuration that an ads.toml holds as `content`; raises `AdsRefused`."""
    try:
        return AdsConfig.model_validate(content)
    except ValidationError as error:
        problems = [
            f"  {'.'.join(map(str, problem['loc']))}: "
            + TEXTS.get(problem["type"], problem["msg"].removeprefix("Value error, "))
            for problem in error.errors()
        ]
        raise AdsRefused("\n".join([f"{name}:", *problems])) from None
