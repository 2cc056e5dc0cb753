"""What the service may be told from outside: `LEADS_*` environment variables in, checked `Settings` out."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from analytics.response.working_hours import WorkingHours
from connectors.messages.mail import parse_addresses, parse_server
from features.errors import Refused
from language.choice import LanguageSetting
from serving.auth.proxies import TrustedProxies
from serving.queue_rules import Order, QueueRules, parse_response_targets
from serving.webhooks.address import check_url
from serving.webhooks.signing import ACCEPTED, parse_secrets
from serving.webhooks.trust import check_ca_file, check_environment

FIRST_SEGMENTS = frozenset(
    {"admin", "charts", "day", "definitions", "docs", "first-key", "healthz", "leads", "metrics", "model"}
    | {"openapi.json", "queue", "readyz", "report", "search", "sign-in", "sign-out", "static", "team", "try", "v1"}
)
"""What the paths of our own routes begin with."""


class SettingsRefused(Refused):
    """Settings that the service does not start with; the message names each variable."""


def _working_hours(text: str) -> str:
    return str(WorkingHours.parse(text))


def _promises(text: str) -> str:
    parse_response_targets(text)
    return text


def _proxies(text: str | None) -> str | None:
    TrustedProxies.parse(text or "")
    return text


def _root_path(text: str) -> str:
    """The path without a slash at its end, so that any of ours may follow: empty for the root."""
    path = text.rstrip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", path) or {".", ".."} & set(path.split("/")):
        raise ValueError("expected a path such as /leads-app")
    first = path.split("/")[1] if path else ""
    if first in FIRST_SEGMENTS:  # of a proxy that takes the path off, /leads/L-1 would lose its own part too
        raise ValueError(
            f"/{first} is a path of the service itself; serve it under another, such as /leads-app, in the proxy too"
        )
    return path


def _addresses(text: str | None) -> str | None:
    parse_addresses(text or "")
    return text


def _mail_server(url: str | None) -> str | None:
    if url is not None:
        parse_server(url)
    return url


def _secret_url(url: SecretStr) -> SecretStr:
    check_url(url.get_secret_value() or None)
    return url


def _page_link(url: str | None) -> str | None:
    if url is not None and not re.fullmatch(r"https?://[^\s<>|]+", url):
        raise ValueError("expected the address of the report's page, such as https://leads.example.com/report")
    return url


def _split_names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())


class Settings(BaseSettings):
    """Where to keep and where to listen, how often to look for a new champion, and how much may be asked for."""

    model_config = SettingsConfigDict(env_prefix="LEADS_", env_ignore_empty=True, frozen=True)

    database_url: Annotated[str, Field(description="SQLite or PostgreSQL")] = "sqlite:///leads.db"
    host: Annotated[str, Field(description="beyond this machine only once there is a key")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, description="0 takes any free one")] = 8000
    open: Annotated[bool, Field(description="to this machine without a key, until the first is made")] = False
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    poll_seconds: Annotated[float, Field(gt=0, le=3600)] = 5.0
    stop_seconds: Annotated[int, Field(ge=0, le=600, description="how long a stop waits for open requests")] = 10
    max_body_bytes: Annotated[int, Field(ge=1_000, le=100_000_000)] = 4_000_000
    max_batch: Annotated[int, Field(ge=1, le=1_000)] = 1_000
    max_text: Annotated[int, Field(ge=100, description="characters in one text")] = 10_000
    max_nesting: Annotated[int, Field(ge=1, le=100, description="lists and objects inside a lead's fields")] = 8
    read_seconds: Annotated[float, Field(gt=0, le=3600, description="how long a body may take to arrive")] = 30.0
    max_rate: Annotated[float, Field(gt=0, le=1_000_000, description="requests a second of one key")] = 10_000.0
    session_hours: Annotated[float, Field(gt=0, le=24 * 31, description="how long a sign-in lasts")] = 12.0
    working_hours: Annotated[str, AfterValidator(_working_hours), Field(description="in which promises run")] = (
        "Mon-Fri 09:00-18:00 UTC"
    )
    promises: Annotated[str, AfterValidator(_promises), Field(description="working time to the first attempt")] = (
        "A=15m B=2h"
    )
    trusted_proxies: Annotated[
        str | None,
        AfterValidator(_proxies),
        Field(description="addresses or networks whose word of the client is taken"),
    ] = None
    root_path: Annotated[
        str,
        AfterValidator(_root_path),
        Field(validate_default=True, description="under which a proxy serves it, such as /leads-app"),
    ] = "/"
    plain_http: Annotated[bool, Field(description="sign in beyond this machine without https")] = False
    claim_minutes: Annotated[float, Field(gt=0, le=60 * 24, description="how long an agent has a lead")] = 30.0
    retry_hours: Annotated[float, Field(ge=0, le=24 * 365, description="when a lead that was tried returns")] = 24.0
    oldest_days: Annotated[float, Field(gt=0, le=3650, description="who waited longer untried comes first")] = 30.0
    random_share: Annotated[float, Field(ge=0, le=1, description="of claims picked by chance, to measure")] = 0.0
    random_sources: Annotated[str | None, Field(description="whose leads those are first, as in Referral, Fairs")] = (
        None
    )
    queue_order: Annotated[Order, Field(description="of the pages: cost, score, value or wait")] = "cost"
    most_claims: Annotated[int, Field(ge=1, le=1_000, description="leads that one agent may have on the pages")] = 3
    lost_reasons: Annotated[str, Field(description="offered when a deal is lost, with commas between")] = (
        "No need, No budget, Too expensive, Chose another, Bad timing, Wrong contact"
    )
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="of all money, as ISO 4217 has it")] = "EUR"
    language: Annotated[LanguageSetting, Field(description="of the pages; auto is as the browser asks")] = "auto"
    mlflow_url: Annotated[str | None, Field(pattern=r"^https?://", description="MLflow's own pages, to link to")] = None
    champion_file: Annotated[str, Field(min_length=1, description="where the last champion is kept")] = (
        "last-champion.zip"
    )
    webhook_url: Annotated[str | None, AfterValidator(check_url), Field(repr=False)] = None
    webhook_secrets: Annotated[SecretStr, Field(validate_default=True)] = SecretStr("")
    webhook_ca_file: Annotated[
        str | None, AfterValidator(check_ca_file), Field(description="a company's own CA, in PEM form")
    ] = None
    webhook_least_change: Annotated[float, Field(ge=0, le=1, description="of the probability")] = 0.01
    report_to: Annotated[
        str | None, AfterValidator(_addresses), Field(repr=False, description="who gets `leads report --send` by mail")
    ] = None
    report_from: Annotated[
        str | None, AfterValidator(_addresses), Field(repr=False, description="the address that it comes from")
    ] = None
    smtp_url: Annotated[
        str | None, AfterValidator(_mail_server), Field(repr=False, description="smtps://user@host:465, or smtp://")
    ] = None
    smtp_password: SecretStr = SecretStr("")
    report_webhook: Annotated[SecretStr, AfterValidator(_secret_url), Field(description="as Slack has them")] = (
        SecretStr("")
    )
    report_link: Annotated[str | None, AfterValidator(_page_link), Field(description="the report's own address")] = None
    scoring_file: Annotated[str, Field(min_length=1, description="what trainings that the pages start go by")] = (
        "scoring.toml"
    )
    ads_file: Annotated[str, Field(min_length=1, description="what leads are worth to ad platforms, and their ids")] = (
        "ads.toml"
    )
    crm_file: Annotated[str, Field(min_length=1, description="connections to CRMs, and whose fields are which")] = (
        "crm.toml"
    )
    meta_token: SecretStr = SecretStr("")
    yandex_token: SecretStr = SecretStr("")
    linkedin_token: SecretStr = SecretStr("")
    tiktok_token: SecretStr = SecretStr("")
    access_log: bool = False

    @field_validator("webhook_secrets")
    @classmethod
    def _signs(cls, secrets: SecretStr, info: ValidationInfo) -> SecretStr:
        if not parse_secrets(secrets.get_secret_value()) and info.data.get("webhook_url") is not None:
            raise ValueError(f"what goes to the webhook must be signed; {ACCEPTED}")
        return secrets

    @field_validator("webhook_url")
    @classmethod
    def _trusts(cls, url: str | None) -> str | None:
        if url is not None:
            check_environment()
        return url

    @field_validator("random_sources")
    @classmethod
    def _aims_a_share(cls, sources: str | None, info: ValidationInfo) -> str | None:
        if _split_names(sources) and not info.data.get("random_share"):
            raise ValueError("aims the claims that are picked by chance: set LEADS_RANDOM_SHARE too, such as 0.05")
        return sources

    @property
    def ad_tokens(self) -> dict[str, str]:
        """The tokens of ad platforms, by name; empty where there is none."""
        tokens = {
            "meta": self.meta_token,
            "yandex": self.yandex_token,
            "linkedin": self.linkedin_token,
            "tiktok": self.tiktok_token,
        }
        return {name: token.get_secret_value().strip() for name, token in tokens.items()}

    @property
    def queue_rules(self) -> QueueRules:
        """The rules of the queue."""
        return QueueRules(
            hours=WorkingHours.parse(self.working_hours),
            response_targets=parse_response_targets(self.promises),
            lease=timedelta(minutes=self.claim_minutes),
            retry=timedelta(hours=self.retry_hours),
            oldest=timedelta(days=self.oldest_days),
            random_share=self.random_share,
            random_sources=_split_names(self.random_sources),
            order=self.queue_order,
            most_claims=self.most_claims,
            lost_reasons=_split_names(self.lost_reasons),
        )


def read_settings(**given: object) -> Settings:
    """The environment's settings; what is given and not None comes first.

    Raises:
        SettingsRefused: with every setting that is not acceptable.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as refused:
        problems = refused.errors(include_url=False, include_input=False)
        raise SettingsRefused("; ".join(_describe(problem["loc"], problem["msg"]) for problem in problems)) from None


def _describe(location: tuple[int | str, ...], message: str) -> str:
    name = "_".join(map(str, location)).upper()
    return f"LEADS_{name.removeprefix('LEADS_')}: {message.removeprefix('Value error, ')}"
