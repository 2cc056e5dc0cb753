"""crm.toml: the connections to CRMs by name, with their mappings. Secrets stand in the environment or in files."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from connectors.crm.errors import CrmRefused
from connectors.crm.mapping import CrmDefaults, CrmName, FieldMapping, MappingKeys, merge_mapping, read_defaults
from connectors.toml_config import Endpoint, Text, check_toml, read_toml

CONNECTION = re.compile(r"[a-z][a-z0-9_-]{0,39}")
ACCEPTED_SECRET = "expected env:NAME or file:PATH, where the secret stands; it does not belong into this file itself"  # noqa: S105


def is_reference(text: str) -> bool:
    """Whether a text says where a secret stands."""
    return re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+", text) is not None


def _check_reference(reference: str) -> str:
    if not is_reference(reference):
        raise ValueError(ACCEPTED_SECRET)
    return reference


SecretReference = Annotated[str, AfterValidator(_check_reference)]


class ConnectionSection(MappingKeys):
    """A connection as crm.toml has it: its CRM, its secrets, and what of the mapping is the company's own.

    `account` is the CRM's id of the company, `url` the hook's address as the CRM has it, `prefix` what stands before
    the CRM's ids so that those of two connections differ, `link` the address of this service for people, `authority`
    where tokens are given, if not where Microsoft usually gives them.
    """

    crm: CrmName
    object: Text | None = None
    secret: SecretReference | None = None
    token: SecretReference | None = None
    client_id: SecretReference | None = None
    client_secret: SecretReference | None = None
    account: Text | None = None
    endpoint: Endpoint | None = None
    authority: Endpoint | None = None
    url: Endpoint | None = None
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{0,40}$")] = ""
    link: Endpoint | None = None
    write: bool = False

    @model_validator(mode="after")
    def _writes_somewhere(self) -> Self:
        if self.write and not self.score:
            raise ValueError("write = true needs [NAME.score], which says into which of the CRM's fields")
        return self


@dataclass(frozen=True)
class Connection:
    """A connection that is set up: where, with which secrets, and how records are read."""

    name: str
    section: ConnectionSection
    defaults: CrmDefaults
    mapping: FieldMapping

    @property
    def crm(self) -> CrmName:
        return self.section.crm

    @property
    def object(self) -> str:
        """The kind of the CRM's records that are leads."""
        return self.section.object or self.defaults.object

    @property
    def endpoint(self) -> str:
        """Where the CRM's API is; raises `CrmRefused` where nobody says."""
        found = self.section.endpoint or self.defaults.endpoint
        if found is None:
            raise CrmRefused(f"crm.toml: [{self.name}] needs endpoint, such as https://company.example")
        return found

    def secret(self, key: str) -> str:
        """The secret that one of the section's keys refers to; raises `CrmRefused` where it is not to be had."""
        reference = getattr(self.section, key)
        if reference is None:
            raise CrmRefused(f"crm.toml: [{self.name}] needs {key}: {ACCEPTED_SECRET}")
        return read_secret(reference)


def read_secret(reference: str) -> str:
    """What stands behind env:NAME or file:PATH; raises `CrmRefused` where it is missing or empty."""
    kind, _, name = reference.partition(":")
    if kind == "env":
        found = os.environ.get(name, "")
    else:
        try:
            found = Path(name).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise CrmRefused(f"{name}, which crm.toml names for a secret, cannot be read: {reason}") from None
    if not found.strip():
        raise CrmRefused(f"{name}, which crm.toml names for a secret, is {'not set' if kind == 'env' else 'empty'}")
    return found.strip()


def read_connections(path: Path) -> dict[str, Connection]:
    """The connections in crm.toml by name; none where there is no such file.

    Raises:
        CrmRefused: with every key that is missing, unknown or wrong.
    """
    if not path.exists():
        return {}
    return check_connections(read_toml(path, CrmRefused, ""), str(path))


def check_connections(content: Mapping[str, Any], name: str = "crm.toml") -> dict[str, Connection]:
    """The connections that a crm.toml holds as `content`; raises `CrmRefused`."""
    made = {key: _check_connection(key, section, name) for key, section in content.items()}
    prefixes: dict[str, str] = {}
    for key, connection in made.items():
        other = prefixes.setdefault(connection.section.prefix, key)
        if other != key:
            raise CrmRefused(
                f"{name}: [{other}] and [{key}] may have the same ids: give one of them a prefix, such as "
                f'prefix = "{key}-"'
            )
    return made


def _check_connection(key: str, content: object, name: str) -> Connection:
    if not CONNECTION.fullmatch(key):
        raise CrmRefused(f"{name}: [{key}]: a connection's name has lower-case letters, digits, - and _")
    section = check_toml(ConnectionSection, content, f"{name}, [{key}]", CrmRefused)  # type: ignore[arg-type]
    defaults = read_defaults(section.crm)
    default = defaults.objects.get(section.object or defaults.object)
    if default is None:
        raise CrmRefused(f"{name}, [{key}]: object: accepted are {', '.join(defaults.objects)}")
    own = {one for one in MappingKeys.model_fields if one in section.model_fields_set}
    return Connection(key, section, defaults, merge_mapping(default, section.model_dump(include=own)))
