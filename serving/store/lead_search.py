"""Leads found by what people know of them: id, name, company, phone number or e-mail address."""

import re
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from serving.store.tables import leads

NEWEST = 50_000
"""Leads that are looked through; an older one is found by its whole id."""
FEWEST_DIGITS = 4

_NOT_DIGITS = re.compile(r"\D")


def find_leads(connection: Connection, text: str, columns: Sequence[str], most: int) -> list[str]:
    """The ids of up to `most` leads that hold the text in their id or one of these fields, the newest first.

    Case does not count; of a phone number only its digits do.
    """
    wanted, digits = text.strip().casefold(), _NOT_DIGITS.sub("", text)
    if not wanted:
        return []
    exact = connection.scalar(select(leads.c.lead_id).where(leads.c.lead_id == text.strip()))
    found = [exact] if exact else []
    is_number = len(digits) >= FEWEST_DIGITS and not re.search(r"[^\d\s+()./-]", text)
    told = (leads.c.fields[column].as_string() for column in columns)
    question = select(leads.c.lead_id, *told).order_by(leads.c.received_at.desc()).limit(NEWEST)
    with connection.execute(question) as rows:
        for lead_id, *values in rows:
            if lead_id != exact and _holds((lead_id, *values), wanted, digits if is_number else ""):
                found.append(lead_id)
            if len(found) >= most:
                break
    return found[:most]


def _holds(values: Iterable[str | None], wanted: str, digits: str) -> bool:
    texts = [value for value in values if value]
    if any(wanted in text.casefold() for text in texts):
        return True
    return bool(digits) and any(digits in _NOT_DIGITS.sub("", text) for text in texts)
