"""Platforms that are told of each stage of a lead as an event of its own: that it came, qualified, and was won."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from connectors.ads.config import MetaSection, TikTokSection
from connectors.ads.identity import hash_text, normalize_email, normalize_phone
from connectors.ads.lead import AdLead
from connectors.ads.platform import Platform, Stage
from connectors.ads.worth import value_known, value_on_arrival


class StagedPlatform(Platform):
    """Qualified is a lead of one of the grades in `qualified_grades`; what was won brings its real margin."""

    window = timedelta(days=7)
    writes = False
    phone_plus: ClassVar[bool] = True
    """Whether the + of a number counts in its hash."""
    section: MetaSection | TikTokSection

    def stages(self, lead: AdLead) -> Iterator[Stage]:
        names, estimate = self.event_names, value_on_arrival(lead, self.config.margin)
        if names["lead"]:
            yield Stage("lead", lead.arrived, estimate, estimated=True)
        if names["qualified"] and lead.grade in self.section.qualified_grades:
            at = max(lead.arrived, lead.scored_at or lead.arrived)
            yield Stage("qualified", at, estimate, estimated=True)
        outcome = lead.outcome
        if names["won"] and outcome is not None and outcome.status == "won":
            at = max(lead.arrived, outcome.at or outcome.known_at)
            yield Stage("won", at, value_known(lead, self.config.margin), estimated=False)

    @property
    def event_names(self) -> Mapping[str, str | None]:
        """The event's name for each stage; None where it is not sent."""
        return {"lead": self.section.lead, "qualified": self.section.qualified, "won": self.section.won}

    def event_name(self, stage: str) -> str:
        """The name that the platform knows a stage by."""
        return self.event_names[stage] or stage

    def hashed_person(self, lead: AdLead) -> dict[str, str]:
        """Address and number, hashed; dots and suffixes of an address stay."""
        fields = self.config.fields
        phone = normalize_phone(lead.text(fields.phone))
        hashed = {
            "email": hash_text(normalize_email(lead.text(fields.email))),
            "phone": hash_text(phone if self.phone_plus else phone.removeprefix("+")),
        }
        return {name: text for name, text in hashed.items() if text}


def unix_seconds(at: datetime) -> int:
    """Whole seconds since 1970."""
    return int(at.timestamp())
