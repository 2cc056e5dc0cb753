"""LinkedIn's Conversions API: one conversion for each lead, which cannot be changed."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.ads.config import AdsRefused
from connectors.ads.csv_text import money
from connectors.ads.http_channel import Answer, Call
from connectors.ads.identity import hash_text, normalize_email
from connectors.ads.lead import AdLead, Statement
from connectors.ads.platform import Platform

TAKEN = (200, 201)


class LinkedIn(Platform):
    """By li_fat_id or by hashed address."""

    name, title, ledger = "linkedin", "LinkedIn Conversions API", "linkedin"
    needs = "li_fat_id or e-mail address"
    window = timedelta(days=90)
    writes = False
    most = 5_000
    one_spoils_all = False

    def prepare(self) -> None:
        if self.config.linkedin is None:
            raise AdsRefused('ads.toml needs a table [linkedin] with conversion_rule = "…", the rule\'s id')
        self.section = self.config.linkedin

    def find_ids(self, lead: AdLead) -> Mapping[str, str]:
        fields = self.config.fields
        email = hash_text(normalize_email(lead.text(fields.email)))
        known = {
            "SHA256_EMAIL": email,
            "LINKEDIN_FIRST_PARTY_ADS_TRACKING_UUID": self.click_id(lead, fields.li_fat_id),
        }
        return {kind: found for kind, found in known.items() if found}

    def write(self, statements: Sequence[Statement], id_kind: str = "") -> str:  # noqa: ARG002
        return json.dumps({"elements": [self._event(one) for one in statements]}, separators=(",", ":"))

    def _event(self, one: Statement) -> dict[str, Any]:
        return {
            "conversion": f"urn:lla:llaPartnerConversion:{self.section.conversion_rule}",
            "conversionHappenedAt": int(one.happened_at.timestamp() * 1000),
            "conversionValue": {"currencyCode": self.context.currency, "amount": money(one.value)},
            "user": {"userIds": [{"idType": kind, "idValue": value} for kind, value in one.ids.items()]},
            "eventId": one.event_id,
        }

    def call(self, statements: Sequence[Statement]) -> Call:
        """One batch of conversions."""
        headers = {
            "Authorization": f"Bearer {self.context.tokens['linkedin']}",
            "Content-Type": "application/json",
            "LinkedIn-Version": self.section.version,
            "X-Restli-Protocol-Version": "2.0.0",
            "X-RestLi-Method": "BATCH_CREATE",
        }
        return Call(f"{self.section.endpoint}/rest/conversionEvents", headers, self.write(statements).encode())

    def read_answer(self, answer: Mapping[str, object], count: int) -> list[Answer]:
        """One answer for each element, in order."""
        elements = answer.get("elements")
        if not isinstance(elements, list) or len(elements) != count:
            return [Answer.unclear()] * count
        return [_read_element(element) for element in elements]


def _read_element(element: object) -> Answer:
    status = element.get("status") if isinstance(element, dict) else None
    return Answer.confirmed("") if status in TAKEN else Answer.refused(f"status {status}", "")
