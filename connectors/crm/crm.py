"""What every CRM is to this product: messages verified and read, records fetched, scores written, history pulled."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from connectors.crm.api import AT_ONCE, TIMEOUT_SECONDS, CrmApi, Patience
from connectors.crm.config import Connection
from connectors.crm.errors import CrmRefused
from connectors.crm.message import Acknowledgement, Message, Notice, check_secret
from connectors.crm.record import Raw, Status
from connectors.http_failures import BatchRefused


@dataclass(frozen=True, slots=True)
class WrittenScore:
    """What the CRM is to show of one record; `score` is in percent, `record_id` the CRM's own."""

    record_id: str
    score: float
    grade: str
    reason: str = field(repr=False)
    link: str | None = None

    def by_field(self, connection: Connection) -> dict[str, object]:
        """The values by the CRM's own fields, those that the connection names."""
        named = connection.mapping.score
        return {theirs: value for part, theirs in named.items() if (value := getattr(self, part)) is not None}


@dataclass(frozen=True, slots=True)
class Stage:
    """A value of the stage's field, and whether the CRM itself takes it for won or lost (None: for neither)."""

    value: str
    label: str
    meaning: Status | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a CRM says of itself: the fields of its leads by name, with their labels, and its stages."""

    fields: Mapping[str, str]
    stages: Sequence[Stage]


class Crm(ABC):
    """One CRM over one connection; a module each makes one."""

    per_second: ClassVar[float] = 5.0
    """Calls a second that the CRM takes for good."""
    most: ClassVar[int] = 50
    """Records of one call."""
    needs: ClassVar[tuple[str, ...]] = ("token",)
    """The secrets that its API needs."""
    has_api: ClassVar[bool] = True

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def verify(self, message: Message) -> None:
        """Check that the CRM sent it: by the connection's secret, where the CRM signs nothing; raises `NotGenuine`."""
        check_secret(message, self.connection.secret("secret"))

    @abstractmethod
    def read_notices(self, message: Message) -> list[Notice]:
        """What a verified message says of the connection's records; raises `MessageBroken`."""

    def acknowledge(self) -> Acknowledgement:
        """What is answered once all that a message said is stored."""
        return Acknowledgement()

    def open_api(self, patience: Patience = AT_ONCE, timeout: float = TIMEOUT_SECONDS) -> CrmApi:
        """The CRM's API; raises `CrmRefused` where crm.toml lacks what it needs."""
        if not self.has_api:
            raise CrmRefused(f"[{self.connection.name}]: {self.connection.defaults.title} has no API that is known")
        for key in self.needs:
            self.connection.secret(key)
        return CrmApi(self.base_url(), self, self.per_second, patience, timeout)

    def base_url(self) -> str:
        """Where the API's paths begin."""
        return self.connection.endpoint

    def authorize(self, api: CrmApi) -> Mapping[str, str]:  # noqa: ARG002 - Salesforce needs it
        """The headers of a call."""
        return {"Authorization": f"Bearer {self.connection.secret('token')}"}

    def renew(self, api: CrmApi) -> bool:  # noqa: ARG002
        """Whether there is another token, where the one of before was refused."""
        return False

    def describe(self, api: CrmApi) -> Found:  # noqa: ARG002
        """The fields and stages of the connection's kind of records, as the CRM has them."""
        return Found({}, ())

    def fetch(self, api: CrmApi, record_ids: Sequence[str]) -> list[Raw]:  # noqa: ARG002
        """Records by their ids, those that are there; at most `most`."""
        raise BatchRefused(f"{self.connection.defaults.title} sends its records, none is fetched")

    def write_scores(self, api: CrmApi, scores: Sequence[WrittenScore]) -> dict[str, str]:  # noqa: ARG002
        """Write scores into the CRM's own fields; at most `most`. What is wrong with each that was not taken."""
        raise BatchRefused(f"{self.connection.defaults.title} has no fields that are written")


def chunks(items: Sequence[Any], most: int) -> Iterator[Sequence[Any]]:
    """The items in groups of at most so many."""
    for start in range(0, len(items), most):
        yield items[start : start + most]
