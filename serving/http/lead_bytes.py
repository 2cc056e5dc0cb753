"""A lead's bytes in and a score's bytes out, for bodies that are plainly right: a few microseconds each.

Whatever is not plain is None here, and the route reads it as every other route reads its body
(`serving.http.request_parsing`): that decides what is refused and says why. So both take the same bodies, and a
test holds that what is read here is what would be read there.
"""

import re
from typing import cast

import msgspec

from serving.http.strict_json import LARGE_BODY
from serving.schemas.requests import SentLead
from serving.schemas.types import check_id
from training.model import Score

Plain = str | int | float | bool | None

_KEY = re.compile(rb'"[ \t\r\n]*:')


class PlainLead(msgspec.Struct, forbid_unknown_fields=True):
    """`serving.schemas.requests.LeadIn` where every value is plain."""

    lead_id: str | int | msgspec.UnsetType = msgspec.UNSET
    created_at: str | msgspec.UnsetType | None = msgspec.UNSET
    source: msgspec.UnsetType | Plain = msgspec.UNSET
    campaign: msgspec.UnsetType | Plain = msgspec.UNSET
    value: float | msgspec.UnsetType | None = msgspec.UNSET
    fields: dict[str, Plain] | msgspec.UnsetType = msgspec.UNSET


_OPTIONAL = ("created_at", "source", "campaign", "value")
_decode = msgspec.json.Decoder(PlainLead).decode
_encode = msgspec.json.Encoder().encode


def read_plain_lead(body: bytes, most_text: int, lead_id: str | None = None) -> SentLead | None:
    """The lead in a body; `lead_id` is the one that the path names, where it does.

    None for what may be refused: another shape, a key twice, a text that may be longer than `most_text`, NUL.
    """
    if len(body) > min(most_text, LARGE_BODY) or b"\\u0000" in body:
        return None
    try:
        lead = _decode(body)
        keys = _fill_in(lead, lead_id)
        lead.lead_id = check_id(str(lead.lead_id))
    except ValueError:  # msgspec's errors are of this kind
        return None
    sent = cast(SentLead, lead)
    is_other = lead_id is not None and sent.lead_id != lead_id
    if is_other or not (sent.value or 0.0) >= 0 or len(_KEY.findall(body)) != keys:
        return None
    return sent


def _fill_in(lead: PlainLead, lead_id: str | None) -> int:
    """Put the defaults where nothing was sent; how many keys there were, each counted once."""
    keys = 0
    for name in _OPTIONAL:
        if getattr(lead, name) is msgspec.UNSET:
            setattr(lead, name, None)
        else:
            keys += 1
    if lead.lead_id is not msgspec.UNSET:
        keys += 1
    elif lead_id is not None:
        lead.lead_id = lead_id
    if lead.fields is msgspec.UNSET:
        lead.fields = {}
    else:
        keys += 1 + len(lead.fields)
    if lead.lead_id is msgspec.UNSET:
        raise ValueError("a lead needs an id")
    return keys


def score_bytes(score: Score) -> bytes:
    """A score as `serving.schemas.responses.ScoreOut` has it."""
    return _encode(score)
