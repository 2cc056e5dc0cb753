"""Leads found by what people know of them: id, name, company, phone number or e-mail address.

Each lead has a text of all that it may be found by, which stands in an index in the order in which leads came: a
search reads the newest part of that index, and the fields of those leads only whose text holds what is looked for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from serving.store.tables import leads

NEWEST = 50_000
"""Leads that are looked through; an older one is found by its whole id."""
MOST_CHECKED = 2_000
"""Leads whose fields are read: of more that hold a text, most hold it where nobody looks for it."""
FEWEST_DIGITS = 4
MOST_BYTES = 1_700
"""Of a lead's text: with the longest id it stays below what PostgreSQL takes into an index."""
LONGEST_VALUE = 120

_AT_ONCE = 200
_TOLD = (str, int)
_NOT_DIGITS = re.compile(r"\D")
_PHONE = re.compile(r"[\d\s+()./-]+")
_SPACED_NUMBER = re.compile(r"\d+[ ()./-][\d ()./-]*\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def search_text(lead_id: str, fields: Mapping[str, Any]) -> str:
    """What a lead may be found by, case folded: its id and its short texts, a line each, then phone numbers as digits.

    Whose fields are a person's only the champion knows, and the next champion may know better: so all are here.
    """
    texts = [text for text in (lead_id, *_texts(fields.values())) if 1 < len(text) <= LONGEST_VALUE]
    told = "\n".join([text for text in texts if text[4:5] != "-" or not _DATE.match(text)]).casefold()
    numbers = filter(None, map(_digits_of, _SPACED_NUMBER.findall(told)))
    return "\n".join((told, *numbers)).encode()[:MOST_BYTES].decode(errors="ignore")


def find_leads(connection: Connection, text: str, columns: Sequence[str], most: int) -> list[str]:
    """The ids of up to `most` leads that hold the text in their id or one of these fields, the newest first.

    Case does not count; of a phone number only its digits do.
    """
    wanted, digits = text.strip().casefold(), _digits_of(text) if _PHONE.fullmatch(text) else ""
    if not wanted:
        return []
    exact = connection.scalar(select(leads.c.lead_id).where(leads.c.lead_id == text.strip()))
    found = [exact] if exact else []
    for lead_id, fields in _find_candidates(connection, wanted, digits):
        if len(found) >= most:
            break
        told = (lead_id, *_texts(fields.get(column) for column in columns))
        if lead_id != exact and any(wanted in one.casefold() or (digits and digits in _digits_of(one)) for one in told):
            found.append(lead_id)
    return found


def _find_candidates(connection: Connection, wanted: str, digits: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The leads whose text holds what is looked for, the newest first, with their fields."""
    newest = select(leads.c.lead_id, leads.c.search_text).order_by(leads.c.received_at.desc()).limit(NEWEST).subquery()
    held = newest.c.search_text.contains(wanted, autoescape=True)
    if digits:
        held |= newest.c.search_text.contains(digits)
    with connection.execute(select(newest.c.lead_id).where(held).limit(MOST_CHECKED)) as rows:
        for some in rows.scalars().partitions(_AT_ONCE):
            question = select(leads.c.lead_id, leads.c.fields).where(leads.c.lead_id.in_(some))
            fields = {row.lead_id: row.fields for row in connection.execute(question)}
            yield from ((lead_id, fields[lead_id]) for lead_id in some)


def _texts(values: Iterable[object]) -> list[str]:
    """What is text, or a number that may be a phone's."""
    told = [value for value in values if isinstance(value, _TOLD) and value is not True and value is not False]
    return [value if isinstance(value, str) else str(value) for value in told]


def _digits_of(text: str) -> str:
    """The digits of what may hold a phone number; nothing of another text."""
    digits = _NOT_DIGITS.sub("", text)
    return digits if len(digits) >= FEWEST_DIGITS else ""
