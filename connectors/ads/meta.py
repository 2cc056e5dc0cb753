"""Meta's Conversions API for CRMs: every stage of a lead as an event; one that is wrong drops its whole batch."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.ads.config import AdsRefused
from connectors.ads.http_channel import Answer, Call
from connectors.ads.lead import AdLead, Statement
from connectors.ads.staged import StagedPlatform, unix_seconds


class Meta(StagedPlatform):
    """By Meta's own lead id (15 to 17 digits), or by hashed address and number."""

    name, title, ledger = "meta", "Meta Conversions API", "meta"
    needs = "Meta lead id, e-mail address, or phone number with its country"
    lead_window = timedelta(days=28)
    phone_plus = False
    most = 1_000
    one_spoils_all = True

    def prepare(self) -> None:
        if self.config.meta is None:
            raise AdsRefused('ads.toml needs a table [meta] with dataset = "…", the dataset\'s id')
        self.section = self.config.meta

    def find_ids(self, lead: AdLead) -> Mapping[str, str]:
        lead_id = lead.text(self.config.fields.meta_lead_id)
        known = lead_id.isascii() and lead_id.isdecimal() and 15 <= len(lead_id) <= 17
        return {**({"lead_id": lead_id} if known else {}), **self.hashed_person(lead)}

    def write(self, statements: Sequence[Statement], id_kind: str = "") -> str:  # noqa: ARG002
        return json.dumps({"data": [self._event(one) for one in statements]}, separators=(",", ":"))

    def _event(self, one: Statement) -> dict[str, Any]:
        ids = one.ids
        user: dict[str, Any] = {}
        if "lead_id" in ids:
            user["lead_id"] = int(ids["lead_id"])
        user |= {short: [ids[name]] for name, short in (("email", "em"), ("phone", "ph")) if name in ids}
        return {
            "event_name": self.event_name(one.stage),
            "event_time": unix_seconds(one.happened_at),
            "event_id": one.event_id,
            "action_source": "system_generated",
            "user_data": user,
            "custom_data": {
                "event_source": "crm",
                "lead_event_source": self.config.meta.crm if self.config.meta else "",
                "value": one.value,
                "currency": self.context.currency,
            },
        }

    def call(self, statements: Sequence[Statement]) -> Call:
        """One batch of events."""
        section = self.config.meta
        assert section is not None  # noqa: S101 - `prepare` saw it
        headers = {"Authorization": f"Bearer {self.context.tokens['meta']}", "Content-Type": "application/json"}
        url = f"{section.endpoint}/{section.version}/{section.dataset}/events"
        return Call(url, headers, self.write(statements).encode())

    def read_answer(self, answer: Mapping[str, object], count: int) -> list[Answer]:
        """All of them, where as many events were received as were sent."""
        trace = str(answer.get("fbtrace_id", ""))
        return [Answer.confirmed(trace) if answer.get("events_received") == count else Answer.unclear()] * count
