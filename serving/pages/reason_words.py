"""A score's reasons in the reader's words: stored in English, as the API tells them, by a template for each kind."""

from language.sentences import Sentences, Template
from language.text import gettext as _
from language.text import mark, mark_plural
from serving.pages.field_titles import ARRIVAL, title_of
from serving.pages.views import ReasonLine
from training.model import Reason

WEEKDAYS: dict[Template, Template] = {
    "is on a Monday": mark("on a Monday"),
    "is on a Tuesday": mark("on a Tuesday"),
    "is on a Wednesday": mark("on a Wednesday"),
    "is on a Thursday": mark("on a Thursday"),
    "is on a Friday": mark("on a Friday"),
    "is on a Saturday": mark("on a Saturday"),
    "is on a Sunday": mark("on a Sunday"),
}
MISSING = "is missing"
PHRASES = Sentences(
    rewrites=WEEKDAYS
    | {
        MISSING: mark("not given"),
        "is unknown": mark("unknown"),
        "is yes": mark("yes"),
        "is no": mark("no"),
        "is %(clock)s UTC": mark("%(clock)s UTC"),
        "is there, but the arrival time is not": mark("given, but the arrival time is not"),
        ("is %(num)s day before arrival", "is %(num)s days before arrival"): mark_plural(
            "%(num)s day before arrival", "%(num)s days before arrival"
        ),
        ("is %(num)s day after arrival", "is %(num)s days after arrival"): mark_plural(
            "%(num)s day after arrival", "%(num)s days after arrival"
        ),
        "is a rare text": mark("a rare text"),
        ("has %(num)s different word", "has %(num)s different words"): mark_plural(
            "%(num)s different word", "%(num)s different words"
        ),
        "contains %(word)s": mark("contains ‘%(word)s’"),
        "does not contain %(word)s": mark("without ‘%(word)s’"),
        "is not an address": mark("not an address"),
        "ends in .%(ending)s": mark("ends in .%(ending)s"),
        "is at a free mail provider": mark("at a free mail provider"),
        "is at a company's own domain": mark("at a company's own domain"),
        "has no country code": mark("no country code"),
        "is from %(country)s": mark("from %(country)s"),
        "is %(answer)s, never seen in training": mark("%(answer)s, never seen in training"),
        "is %(answer)s": mark("%(answer)s"),
    }
)
"""What `features.encoders` say of a field's value, and how a page has it behind the field's name.

The last one fits whatever else a value may be.
"""

EFFECTS = {
    "raises the score most": mark("%(reason)s · raises the score most"),
    "lowers the score most": mark("%(reason)s · lowers the score most"),
    "raises the score": mark("%(reason)s · raises the score"),
    "lowers the score": mark("%(reason)s · lowers the score"),
}


def label_of(reason: Reason) -> str:
    """The sentence without its effect, which a bar shows: "Job title: Director", "Arrived on a Saturday"."""
    english = reason.sentence.rpartition(": ")[0] or reason.field
    phrase = _phrase_of(reason)
    if phrase is None:
        return english
    told = PHRASES.translate(phrase)
    if phrase in WEEKDAYS and reason.field.lower() in ARRIVAL:
        return _("Arrived %(phrase)s", phrase=told)
    return _("%(field)s: %(phrase)s", field=title_of(reason.field), phrase=told)


def is_of_nothing(reason: Reason) -> bool:
    """Whether it is that a field was not given, which tells an agent nothing to talk about."""
    return _phrase_of(reason) == MISSING


def reason_line(reason: Reason) -> ReasonLine:
    """The whole sentence, and whether it raises the score."""
    effect = EFFECTS.get(reason.sentence.rpartition(": ")[2])
    sentence = _(effect, reason=label_of(reason)) if effect else reason.sentence
    return ReasonLine(sentence, reason.contribution > 0)


def _phrase_of(reason: Reason) -> str | None:
    """What is said behind the field's name: "is Director"; None of a sentence that begins otherwise."""
    sentence = reason.sentence.rpartition(": ")[0]
    title = _stored_title_of(reason)
    return sentence.removeprefix(f"{title} ") if sentence.startswith(f"{title} ") else None


def _stored_title_of(reason: Reason) -> str:
    """The field's name as `training.reasons` begins its sentence: job_title → Job title."""
    words = reason.field.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
