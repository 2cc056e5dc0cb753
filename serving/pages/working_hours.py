"""Working hours as people read them: the days by their names in the reader's language."""

import re

from language.text import gettext as _
from language.text import mark

ALWAYS = mark("always")
DAYS = {
    "Mon": mark("Mon"),
    "Tue": mark("Tue"),
    "Wed": mark("Wed"),
    "Thu": mark("Thu"),
    "Fri": mark("Fri"),
    "Sat": mark("Sat"),
    "Sun": mark("Sun"),
}


def hours_text(hours: str) -> str:
    """Mon-Fri 09:00-18:00 UTC, days by their names in the reader's language; `always` too."""
    return re.sub("|".join((*DAYS, ALWAYS)), lambda found: _(DAYS.get(found[0], ALWAYS)), hours)
