"""TikTok's Events API for CRMs: every stage of a lead as an event."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.ads.config import AdsRefused
from connectors.ads.http_channel import Answer, Call
from connectors.ads.lead import AdLead, Statement
from connectors.ads.staged import StagedPlatform, unix_seconds


class TikTok(StagedPlatform):
    """By TikTok's own lead id, its click id, or by hashed address and number."""

    name, title, ledger = "tiktok", "TikTok Events API", "tiktok"
    needs = "TikTok lead id, ttclid, e-mail address, or phone number with its country"
    most = 1_000
    one_spoils_all = True

    def prepare(self) -> None:
        if self.config.tiktok is None:
            raise AdsRefused('ads.toml needs a table [tiktok] with event_set = "…", the CRM event set\'s id')
        self.section = self.config.tiktok

    def find_ids(self, lead: AdLead) -> Mapping[str, str]:
        fields = self.config.fields
        own = {"lead_id": lead.text(fields.tiktok_lead_id), "ttclid": self.click_id(lead, fields.ttclid)}
        lead_id = own["lead_id"] if own["lead_id"].isascii() and own["lead_id"].isdecimal() else ""
        known = {"lead_id": lead_id, "ttclid": own["ttclid"], **self.hashed_person(lead)}
        return {name: found for name, found in known.items() if found}

    def write(self, statements: Sequence[Statement], id_kind: str = "") -> str:  # noqa: ARG002
        section = self.config.tiktok
        body = {
            "event_source": "crm",
            "event_source_id": section.event_set if section else "",
            "data": [self._event(one) for one in statements],
        }
        return json.dumps(body, separators=(",", ":"))

    def _event(self, one: Statement) -> dict[str, Any]:
        crm = self.config.tiktok.crm if self.config.tiktok else ""
        return {
            "event": self.event_name(one.stage),
            "event_time": unix_seconds(one.happened_at),
            "event_id": one.event_id,
            "user": dict(one.ids),
            "lead": {"lead_id": one.ids.get("lead_id", one.lead.lead_id), "lead_event_source": crm},
            "properties": {"value": one.value, "currency": self.context.currency},
        }

    def call(self, statements: Sequence[Statement]) -> Call:
        """One batch of events."""
        section = self.config.tiktok
        assert section is not None  # noqa: S101 - `prepare` saw it
        headers = {"Access-Token": self.context.tokens["tiktok"], "Content-Type": "application/json"}
        return Call(f"{section.endpoint}/open_api/v1.3/event/track/", headers, self.write(statements).encode())

    def read_answer(self, answer: Mapping[str, object], count: int) -> list[Answer]:
        """All of them where the code is 0; TikTok says what is wrong with HTTP status 200."""
        code, request = answer.get("code"), str(answer.get("request_id", ""))
        if code == 0:
            return [Answer.confirmed(request)] * count
        return [Answer.refused(f"code {code}" if isinstance(code, int) else "no code", request)] * count
