"""What every ad platform is to an export: its windows, what it can change, the ids it takes, and how it is written."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

from connectors.ads.config import AdsConfig
from connectors.ads.identity import hash_text, normalize_google_email, normalize_phone
from connectors.ads.lead import ARRIVAL, AdLead, Statement
from connectors.ads.worth import value_known, value_on_arrival

CLICK_ID = re.compile(r"[A-Za-z0-9_.\-]{6,500}")
"""What a click id may look like; `{gclid}` and `null` come from pages whose templates were not filled in."""
NO_ID = frozenset({"undefined", "unknown", "gclid", "msclkid"})


@dataclass(frozen=True, slots=True)
class Stage:
    """A moment of a lead that a platform is told of; a value made of a probability is `estimated`."""

    name: str
    happened_at: datetime
    value: float | None
    estimated: bool


@dataclass(frozen=True, slots=True)
class Context:
    """What every platform is made with: ads.toml, the company's currency, and the tokens by platform."""

    config: AdsConfig
    currency: str
    tokens: Mapping[str, str] = field(default_factory=dict, repr=False)


class Platform(ABC):
    """One platform's format; a module each makes one. Files are told apart by the kind of id in them (`id_kinds`)."""

    name: ClassVar[str]
    title: ClassVar[str]
    ledger: ClassVar[str]
    """Under which name the store keeps what was stated; files that go to one account share it."""
    needs: ClassVar[str]
    """The ids of which a lead must have one, in words."""
    window: ClassVar[timedelta]
    """How long after a stage the platform takes it."""
    lead_window: ClassVar[timedelta | None] = None
    """How long after the lead's arrival it takes a stage of it; None where the window says it."""
    change_window: ClassVar[timedelta | None] = None
    """How long after a conversion it can be changed; None where it cannot."""
    retracts: ClassVar[bool] = False
    zero_is_final: ClassVar[bool] = False
    """Whether nothing can be changed any more after 0 or a retraction."""
    takes_new: ClassVar[bool] = True
    changes_of: ClassVar[frozenset[str]] = frozenset()
    """Whose conversions it can change; by default its own."""
    writes: ClassVar[bool] = True
    """Whether there is a file; else there is only the API."""
    id_kinds: ClassVar[tuple[str, ...]] = ("",)

    def __init__(self, context: Context) -> None:
        self.context, self.config = context, context.config
        self.prepare()

    def prepare(self) -> None:  # noqa: B027 - most have something to check, none must
        """Check that ads.toml has what the platform needs; raises `AdsRefused`."""

    @abstractmethod
    def find_ids(self, lead: AdLead) -> Mapping[str, str]:
        """The platform's own ids of a lead; empty where it has none, and cannot be told of it."""

    @abstractmethod
    def write(self, statements: Sequence[Statement], id_kind: str = "") -> str:
        """A file's text of the statements of one kind of id."""

    def stages(self, lead: AdLead) -> Iterator[Stage]:
        """What is told of a lead: its arrival, with what is known of its worth by now."""
        known = value_known(lead, self.config.margin)
        value = value_on_arrival(lead, self.config.margin) if known is None else known
        yield Stage(ARRIVAL, lead.arrived, value, estimated=known is None)

    def collides(self, statement: Statement) -> tuple[str, ...]:  # noqa: ARG002 - the others tell
        """What the platform tells conversions apart by, where two leads may share it; empty where it is the lead."""
        return ()

    def id_kind(self, statement: Statement) -> str:  # noqa: ARG002
        """Into which file a statement goes."""
        return self.id_kinds[0]

    def click_id(self, lead: AdLead, name: str) -> str:
        """What the lead holds in a field of click ids; empty where that is none."""
        found = lead.text(name)
        return found if CLICK_ID.fullmatch(found) and found.lower() not in NO_ID else ""

    def hashed_person(self, lead: AdLead) -> dict[str, str]:
        """E-mail address and phone number as Google takes them: normalised and hashed; without those it lacks."""
        fields = self.config.fields
        email = hash_text(normalize_google_email(lead.text(fields.email)))
        phone = hash_text(normalize_phone(lead.text(fields.phone)))
        return {name: hashed for name, hashed in (("email", email), ("phone", phone)) if hashed}

    def consent(self, lead: AdLead) -> tuple[str, str]:
        """Consent to data and to personalization: `Granted`, `Denied`, or empty where nobody said."""
        fields, rest = self.config.fields, self.config.consent
        return (
            _read_consent(lead.text(fields.ad_user_data)) or rest.ad_user_data or "",
            _read_consent(lead.text(fields.ad_personalization)) or rest.ad_personalization or "",
        )


GRANTED, DENIED = frozenset({"granted", "yes", "true", "1"}), frozenset({"denied", "no", "false", "0"})


def _read_consent(text: str) -> str:
    said = text.casefold()
    return "Granted" if said in GRANTED else "Denied" if said in DENIED else ""


def first_filled(ids: Mapping[str, str]) -> dict[str, str]:
    """The first id that is there, alone: of several kinds a platform takes one."""
    return next(({name: found} for name, found in ids.items() if found), {})
