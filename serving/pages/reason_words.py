"""A score's reasons in the reader's words: stored in English, as the API tells them, by a template for each kind."""

from language.sentences import Sentences
from language.text import gettext as _
from language.text import mark, mark_plural
from serving.pages.views import ReasonLine
from training.model import Reason

PHRASES = Sentences(
    (
        mark("is missing"),
        mark("is unknown"),
        mark("is yes"),
        mark("is no"),
        mark("is %(clock)s UTC"),
        mark("is on a Monday"),
        mark("is on a Tuesday"),
        mark("is on a Wednesday"),
        mark("is on a Thursday"),
        mark("is on a Friday"),
        mark("is on a Saturday"),
        mark("is on a Sunday"),
        mark("is there, but the arrival time is not"),
        mark_plural("is %(num)s day before arrival", "is %(num)s days before arrival"),
        mark_plural("is %(num)s day after arrival", "is %(num)s days after arrival"),
        mark("is a rare text"),
        mark_plural("has %(num)s different word", "has %(num)s different words"),
        mark("contains %(word)s"),
        mark("does not contain %(word)s"),
        mark("is not an address"),
        mark("ends in .%(ending)s"),
        mark("is at a free mail provider"),
        mark("is at a company's own domain"),
        mark("has no country code"),
        mark("is from %(country)s"),
        mark("is %(answer)s, never seen in training"),
        mark("is %(answer)s"),
    )
)
"""What `features.encoders` say of a field's value; the last one fits whatever else a value may be."""

EFFECTS = {
    "raises the score most": mark("%(reason)s: raises the score most"),
    "lowers the score most": mark("%(reason)s: lowers the score most"),
    "raises the score": mark("%(reason)s: raises the score"),
    "lowers the score": mark("%(reason)s: lowers the score"),
}


def label_of(reason: Reason) -> str:
    """The sentence without its effect, which a bar shows: "Job title is Director"."""
    english = reason.sentence.rpartition(": ")[0] or reason.field
    title = _title_of(reason)
    if not english.startswith(f"{title} "):
        return english
    return _("%(field)s %(phrase)s", field=title, phrase=PHRASES.translate(english.removeprefix(f"{title} ")))


def reason_line(reason: Reason) -> ReasonLine:
    """The whole sentence, and whether it raises the score."""
    effect = EFFECTS.get(reason.sentence.rpartition(": ")[2])
    sentence = _(effect, reason=label_of(reason)) if effect else reason.sentence
    return ReasonLine(sentence, reason.contribution > 0)


def _title_of(reason: Reason) -> str:
    """The field's name as its sentence begins: job_title → Job title."""
    words = reason.field.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
