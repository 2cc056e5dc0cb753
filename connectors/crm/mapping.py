"""`FieldMapping`: which of a CRM's fields hold a lead's facts, by default (`crms/`) and by a connection's own keys."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from connectors.crm.errors import CrmRefused
from connectors.toml_config import Endpoint, Section, Text, check_toml

CrmName = Literal["generic", "hubspot", "bitrix24", "salesforce", "dynamics", "pipedrive", "kommo"]
ScorePart = Literal["score", "grade", "reason", "link"]
ROLES = ("id", "created_at", "changed_at", "source", "campaign", "value", "owner", "stage", "at", "reason")


def _name_fields(fields: object) -> object:
    """A list of the CRM's names, each under itself; a table stands as it is, the company's name first."""
    return {name: name for name in fields} if isinstance(fields, list) else fields


def _fold(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.strip().casefold() for word in words)


Name = Annotated[Text | None, BeforeValidator(lambda name: name or None)]
"""A field of the CRM; an empty text takes away what is usual."""
Words = Annotated[tuple[str, ...], BeforeValidator(lambda words: [str(word) for word in words]), AfterValidator(_fold)]
Fields = Annotated[dict[Text, Text], BeforeValidator(_name_fields)]


class MappingKeys(Section):
    """The keys of a mapping, each optional: in a connection, those that are not there stay as the CRM's file has them.

    `won` and `lost` are values of the field `stage`; `fields` is a list, or a table of the company's names and the
    CRM's; `score` names the CRM's own fields that are written.
    """

    id: Text | None = None
    created_at: Name = None
    changed_at: Name = None
    source: Name = None
    campaign: Name = None
    value: Name = None
    owner: Name = None
    stage: Name = None
    at: Name = None
    reason: Name = None
    won: Words = ()
    lost: Words = ()
    fields: Fields = Field(default_factory=dict)
    score: dict[ScorePart, Text] = Field(default_factory=dict)


class FieldMapping(MappingKeys):
    """A mapping that says at least where the id stands."""

    id: Text

    @property
    def properties(self) -> list[str]:
        """The CRM's fields that are read, each once."""
        roles = [name for role in ROLES if (name := getattr(self, role))]
        return [*dict.fromkeys([*roles, *self.fields.values()])]


class CrmDefaults(Section):
    """A CRM's file: its title, where its API is, and the mapping of each kind of object that may be a lead.

    `asks` are the keys that a connection needs, with what each is; `hook` says where the CRM is told our address, and
    `score_fields` where its own fields are made.
    """

    title: Text
    object: Text
    endpoint: Endpoint | None = None
    hook: Text
    score_fields: str
    asks: dict[str, Text]
    objects: dict[str, FieldMapping]


def read_defaults(crm: CrmName) -> CrmDefaults:
    """What a CRM's file in `crms/` says."""
    text = resources.files("connectors.crm").joinpath("crms", f"{crm}.toml").read_text("utf-8")
    content = tomllib.loads(text)
    objects = {
        name: content.pop(name) for name, value in [*content.items()] if isinstance(value, dict) and name != "asks"
    }
    return check_toml(CrmDefaults, {**content, "objects": objects}, f"crms/{crm}.toml", CrmRefused)


def merge_mapping(default: FieldMapping, keys: Mapping[str, Any]) -> FieldMapping:
    """The CRM's mapping with a connection's own keys in its place."""
    return FieldMapping.model_validate({**default.model_dump(), **keys})
