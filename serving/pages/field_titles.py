"""A company's field as people read it: job_title → Job title, crm_record → CRM record, first_visit_at → First visit."""

import re

from language.text import gettext as _
from language.text import mark

KINDS = {
    "numeric": mark("number"),
    "category": mark("category"),
    "flag": mark("yes or no"),
    "datetime": mark("time"),
    "text": mark("text"),
    "email": mark("e-mail"),
    "phone": mark("phone number"),
}
"""The kinds of fields, by their names in `features.values.Kind`."""
ARRIVAL = frozenset({"created_at", "arrived_at"})
_INITIALS = re.compile(r"\b(b2b|ceo|cfo|crm|cto|id|ip|ppc|roi|seo|sms|url|utm|vat|vip)\b", re.IGNORECASE)


def title_of(name: str) -> str:
    """The name as words, without the "at" of a time and with initials as initials."""
    if name.lower() in ARRIVAL:
        return _("Arrived")
    words = name.replace("_", " ").strip()
    words = words.removesuffix(" at") or words
    words = _INITIALS.sub(lambda found: found[0].upper(), words)
    return words[:1].upper() + words[1:]
