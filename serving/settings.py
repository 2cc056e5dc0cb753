"""What the service may be told from outside: `LEADS_*` environment variables in, checked `Settings` out."""

from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from features.refused import Refused


class SettingsRefused(Refused):
    """Settings that the service does not start with; the message names each variable."""


def _loopback(host: str) -> str:
    if host != "localhost" and not _is_loopback(host):
        raise ValueError(
            "listening beyond this machine is refused until there are API keys, which come with "
            "a later version; use 127.0.0.1, ::1 or localhost"
        )
    return host


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """Where to listen, how often to look for a new champion, and how much one request may ask for."""

    model_config = SettingsConfigDict(env_prefix="LEADS_", frozen=True)

    host: Annotated[str, AfterValidator(_loopback)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, description="0 takes any free one")] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    poll_seconds: Annotated[float, Field(gt=0, le=3600)] = 5.0
    stop_seconds: Annotated[int, Field(ge=0, le=600, description="how long a stop waits for open requests")] = 10
    max_body_bytes: Annotated[int, Field(ge=1_000, le=100_000_000)] = 4_000_000
    max_batch: Annotated[int, Field(ge=1, le=1_000)] = 1_000
    max_text: Annotated[int, Field(ge=100, description="characters in one text")] = 10_000
    max_nesting: Annotated[int, Field(ge=1, le=100, description="lists and objects inside a lead's fields")] = 8
    access_log: bool = False


def read_settings(**given: object) -> Settings:
    """The environment's settings; what is given and not None comes first.

    Raises:
        SettingsRefused: with every setting that is not acceptable.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as refused:
        problems = refused.errors(include_url=False, include_input=False)
        raise SettingsRefused("; ".join(_told(problem["loc"], problem["msg"]) for problem in problems)) from None


def _told(location: tuple[int | str, ...], message: str) -> str:
    name = "_".join(map(str, location)).upper()
    return f"LEADS_{name.removeprefix('LEADS_')}: {message.removeprefix('Value error, ')}"
