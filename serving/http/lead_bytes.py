"""A lead's bytes in and a score's bytes out, for bodies that are plainly right: a few microseconds each.

Whatever is not plain is None here, and the route reads it as every other route reads its body
(`serving.http.request_parsing`): that decides what is refused and says why. So both take the same bodies, and a
test holds that what is read here is what would be read there.
"""

import re

import msgspec

from serving.http.strict_json import LARGE_BODY
from serving.schemas.requests import LeadIn
from serving.schemas.types import check_id
from training.model import Score

Plain = str | int | float | bool | None

_OUTER = ("lead_id", "created_at", "source", "campaign", "value", "fields")
_KEY = re.compile(rb'"[ \t\r\n]*:')


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    """`LeadIn` where every value is plain."""

    lead_id: str | int | msgspec.UnsetType = msgspec.UNSET
    created_at: str | msgspec.UnsetType | None = msgspec.UNSET
    source: msgspec.UnsetType | Plain = msgspec.UNSET
    campaign: msgspec.UnsetType | Plain = msgspec.UNSET
    value: float | msgspec.UnsetType | None = msgspec.UNSET
    fields: dict[str, Plain] | msgspec.UnsetType = msgspec.UNSET


_decode = msgspec.json.Decoder(_Body).decode
_encode = msgspec.json.Encoder().encode


def read_plain_lead(body: bytes, most_text: int, lead_id: str | None = None) -> LeadIn | None:
    """The lead in a body; `lead_id` is the one that the path names, where it does.

    None for what may be refused: another shape, a key twice, a text that may be longer than `most_text`, NUL.
    """
    if len(body) > min(most_text, LARGE_BODY) or b"\\u0000" in body:
        return None
    try:
        sent = _decode(body)
        named = None if sent.lead_id is msgspec.UNSET else check_id(str(sent.lead_id))
    except ValueError:  # msgspec's errors are of this kind
        return None
    outer = {name: value for name in _OUTER if (value := getattr(sent, name)) is not msgspec.UNSET}
    given, fields = lead_id or named, outer.get("fields", {})
    if given is None or named not in (None, given) or not (outer.get("value") or 0.0) >= 0:
        return None
    if len(_KEY.findall(body)) != len(outer) + len(fields):
        return None
    outer["lead_id"] = given
    return LeadIn.model_construct(**outer)


def score_bytes(score: Score) -> bytes:
    """A score as `serving.schemas.responses.ScoreOut` has it."""
    return _encode(score)
