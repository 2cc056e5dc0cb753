"""Yandex Metrica: offline conversions of a goal, or simple orders, whose status and revenue can be changed."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from connectors.ads.config import AdsRefused
from connectors.ads.csv_text import csv_text, money
from connectors.ads.http_channel import Answer, Call, multipart
from connectors.ads.lead import AdLead, Statement
from connectors.ads.platform import Platform, first_filled

COLUMNS = {"client_id": "ClientId", "yclid": "Yclid"}
ORDERS = ("id", "create_date_time", "client_ids", "order_status", "revenue", "currency")
STATUSES = {"won": "PAID", "lost": "CANCELLED"}


class YandexMetrica(Platform):
    """Offline conversions, a file for each kind of id."""

    name, title, ledger = "yandex-metrica", "Yandex Metrica", "yandex-metrica"
    needs = "Yandex Metrica client id or yclid"
    window = timedelta(days=21)
    id_kinds: ClassVar[tuple[str, ...]] = ("client_id", "yclid")
    most = 10_000
    one_spoils_all = False

    def prepare(self) -> None:
        if self.config.yandex_metrica is None:
            raise AdsRefused("ads.toml needs a table [yandex-metrica] with the counter, and the goal")
        self.section = self.config.yandex_metrica

    def find_ids(self, lead: AdLead) -> Mapping[str, str]:
        names = {"client_id": self.config.fields.yandex_client_id, "yclid": self.config.fields.yclid}
        found = {kind: lead.text(name) for kind, name in names.items()}
        return first_filled({kind: text if text.isascii() and text.isdecimal() else "" for kind, text in found.items()})

    def id_kind(self, statement: Statement) -> str:
        return next(iter(statement.ids))

    def write(self, statements: Sequence[Statement], id_kind: str = "client_id") -> str:
        header = (COLUMNS[id_kind], "Target", "DateTime", "Price", "Currency")
        return csv_text(header, map(self._row, statements))

    def _row(self, one: Statement) -> tuple[str, ...]:
        seconds = str(int(one.happened_at.timestamp()))
        return (*one.ids.values(), self.section.goal or "", seconds, money(one.value), self.context.currency)

    @property
    def path(self) -> str:
        """Where a file is sent, below the endpoint; `{}` is the counter."""
        return "management/v1/counter/{}/offline_conversions/upload"

    def call(self, statements: Sequence[Statement]) -> Call:
        """The upload of statements that have one kind of id."""
        if self.section.counter is None:
            raise AdsRefused("ads.toml: --send needs counter in [yandex-metrica]")
        text = self.write(statements, self.id_kind(statements[0]))
        content_type, body = multipart("file", "data.csv", text)
        headers = {"Authorization": f"OAuth {self.context.tokens['yandex']}", "Content-Type": content_type}
        return Call(f"{self.section.endpoint}/{self.path.format(self.section.counter)}", headers, body)

    def read_answer(self, answer: Mapping[str, object], count: int) -> list[Answer]:
        """Taken as a whole where the upload has an id or status."""
        taken = answer.get("uploading")
        return [Answer.confirmed(str(taken.get("id", ""))) if isinstance(taken, dict) else Answer.unclear()] * count


class YandexOrders(YandexMetrica):
    """Simple orders: a row with an id that is known replaces the order, with its status and revenue."""

    id_kinds = ("",)
    change_window = timedelta(days=365)

    def find_ids(self, lead: AdLead) -> Mapping[str, str]:
        found = super().find_ids(lead)
        return found if "client_id" in found else {}

    def id_kind(self, statement: Statement) -> str:  # noqa: ARG002
        return ""

    def write(self, statements: Sequence[Statement], id_kind: str = "") -> str:  # noqa: ARG002
        return csv_text(ORDERS, map(self._row, statements))

    def _row(self, one: Statement) -> tuple[str, ...]:
        created = f"{one.happened_at.astimezone(ZoneInfo(self.section.time_zone)):%d.%m.%Y %H:%M}"
        status = STATUSES.get(one.lead.outcome.status, "IN_PROGRESS") if one.lead.outcome else "IN_PROGRESS"
        return (one.event_id, created, one.ids["client_id"], status, money(one.value), self.context.currency)

    @property
    def path(self) -> str:
        return "cdp/api/v1/counter/{}/data/simple_orders?merge_mode=SAVE&delimiter_type=COMMA"
