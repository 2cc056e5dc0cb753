"""What the TOML files of connectors share: reading one with every problem named, texts, and addresses for tokens."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from features.errors import Refused

TEXTS = {"missing": "is required", "extra_forbidden": "there is no such key", "model_type": "expected a table"}
"""The messages for pydantic's types of error."""
HERE = ("http://127.0.0.1", "http://localhost")

M = TypeVar("M", bound=BaseModel)


def _check_endpoint(url: str) -> str:
    """The address without a slash at its end; a token travels to it, so only https, or http to this machine."""
    local = any(url == host or url.startswith((f"{host}:", f"{host}/")) for host in HERE)
    if not url.startswith("https://") and not local:
        raise ValueError("expected an address that begins with https://")
    return url.rstrip("/")


Endpoint = Annotated[str, AfterValidator(_check_endpoint)]
Text = Annotated[str, Field(min_length=1, max_length=200)]


class Section(BaseModel):
    """A table of a TOML file, none of whose keys may be mistyped."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_toml(path: Path, refused: type[Refused], hint: str) -> dict[str, Any]:
    """What a TOML file holds; raises `refused`, with `hint` where the file is not there."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise refused(f"{path} is not there. {hint}") from None
    except OSError as error:
        raise refused(f"{path} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise refused(f"{path} is not valid TOML: {error}") from None


def check_toml(model: type[M], content: Mapping[str, object], name: str, refused: type[Refused]) -> M:
    """A TOML file's content as a model; raises `refused` with every key that is missing, unknown or wrong."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        problems = [
            f"  {'.'.join(map(str, problem['loc']))}: "
            + TEXTS.get(problem["type"], problem["msg"].removeprefix("Value error, "))
            for problem in error.errors()
        ]
        raise refused("\n".join([f"{name}:", *problems])) from None
