"""What is pulled of a CRM's past: records as they are now, and changes of their properties, page by page."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from connectors.crm.api import CrmApi
from connectors.crm.crm import Crm
from connectors.crm.record import Raw

Position = Mapping[str, Any]
"""Where in the past a pull is, as plain data; each CRM has its own."""


@dataclass(frozen=True, slots=True)
class Change:
    """A property of a record got a value at a time, as the CRM writes both; `before` is None where it is not told."""

    record_id: str
    name: str
    at: Any
    value: Any = field(repr=False)
    before: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """Records, changes, and where the next page is; None at the end."""

    records: Sequence[Raw]
    changes: Sequence[Change]
    position: Position | None


class History(ABC):
    """A CRM's past; a module each makes one. A page is asked for by its position alone, so a pull can be resumed."""

    begin: ClassVar[Position]
    tells_all: ClassVar[bool] = False
    """Whether the changes of every property are told, or of some, such as the stage."""

    def __init__(self, crm: Crm) -> None:
        self.crm, self.connection, self.mapping = crm, crm.connection, crm.connection.mapping

    @abstractmethod
    def read_page(self, api: CrmApi, since: str | None, position: Position) -> Page:
        """The page at a position, of what changed since a time (ISO 8601, UTC); of everything without one."""
