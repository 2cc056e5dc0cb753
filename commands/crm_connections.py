"""The connections of crm.toml, for commands that are given the name of one."""

from pathlib import Path

from connectors.crm.config import Connection, read_connections
from connectors.crm.errors import CrmRefused
from serving.settings import read_settings


def crm_file() -> Path:
    """Where crm.toml stands."""
    return Path(read_settings().crm_file)


def find_connection(name: str) -> Connection:
    """A connection of crm.toml; raises `CrmRefused` naming those that there are."""
    place = crm_file()
    connections = read_connections(place)
    if name in connections:
        return connections[name]
    there = f"there are {', '.join(connections)}" if connections else "it has none: leads connect CRM makes one"
    raise CrmRefused(f"{place} has no connection {name!r}; {there}")
