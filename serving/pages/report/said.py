"""What a report says in sentences, in the reader's words: stored in English, as the API and the command line have it.

A report is made once, for readers of every language. These are the templates of its sentences, from `analytics`.
"""

from language.choice import SOURCE, current_language
from language.sentences import Sentences, Template
from language.text import mark
from serving.pages.model.stored_words import CONTACT_LOG
from serving.pages.report.said_of_numbers import AGENTS, COST, DRIFT, ESTIMATES, MADE, RESPONSE

CHANGE = (
    mark("The change of conversion is not known: %(why)s."),
    mark("How much of that came with the leads that arrived, and how much from handling, cannot be told: %(why)s."),
    mark("How much of that came with the leads that arrived, and how much from handling, cannot be told."),
    mark("Handling: how leads were worked, plus any quality our fields don't capture."),
    mark("Conversion fell from %(before)s %% to %(after)s %%."),
    mark("Conversion rose from %(before)s %% to %(after)s %%."),
    mark("A change of %(points)s points or more would have shown in four of five cases."),
    mark("%(verdict)s: conversion was %(before)s %% and is %(after)s %%, %(moved)s."),
    mark("No clear change in all, but a clear one by %(part)s"),
    mark("Borderline in all, but a clear one by %(part)s"),
    mark("No clear change in all, but clear ones by %(part)s and by %(other)s"),
    mark("Borderline in all, but clear ones by %(part)s and by %(other)s"),
    mark("No clear change"),
    mark("Borderline"),
    mark("no clear change"),
    mark("borderline"),
    mark("clear"),
    mark("not known"),
    mark("A difference of %(sizes)s would have shown in four of five cases."),
    mark("%(one)s points or more by the leads that arrived or %(other)s points or more by handling"),
    mark("%(points)s points or more by the leads that arrived"),
    mark("%(points)s points or more by handling"),
    mark("The leads that arrived moved it by %(mix)s; handling by %(handling)s."),
    mark("%(moved)s, borderline: beyond its own interval only"),
    mark("%(moved)s, no clear change"),
    mark("%(moved)s, not known"),
    mark("%(value)s points (%(low)s to %(high)s)"),
    mark("%(value)s points"),
    mark("the leads that arrived"),
    mark("handling"),
    mark("no reference model says how likely the leads were to be won when they arrived"),
    mark("there are not both wins and losses in the two periods"),
    mark("the reference gives all leads the same probability"),
    mark("no lead of the earlier period is older than the horizon"),
    mark("no lead of the later period is older than the horizon"),
    mark("no lead of the earlier period was judged"),
)
"""`analytics.mix`."""

CAUTIONS = (
    mark(
        "The reference model hardly tells these leads apart, so nothing can be said of who came: all that it does not "
        "see is in handling."
    ),
    mark(
        "The reference model alone would have put %(points)s points down to the leads that arrived. Held against what "
        "became of the earlier period's own leads, it is %(mix)s."
    ),
    mark(
        "By the sources' shares alone, the leads that arrived moved conversion by %(points)s points, by all fields "
        "%(mix)s: the difference lies within the sources, so look at their campaigns and fields before budgets are "
        "moved between them."
    ),
    mark(
        "%(beyond)s in 100 leads of the later period have a probability that 99 in 100 of the earlier one do not "
        "reach on either side: they are other leads, and what the reference model says of them is untested."
    ),
    mark(
        "The reference model is far out of its range: in the earlier period it expected %(expected)s wins and %(won)s "
        "came. The sizes of the two parts then rest on the earlier period's own leads alone."
    ),
    mark(
        "Handling moved conversion by more than the whole of what it was before. Work alone seldom does that: ask what "
        "else changed, such as the offer, prices, or how leads were chosen."
    ),
    mark(
        "Between the two periods lie %(days)s days: season, offer, prices and all else that changed in them is in "
        "handling too."
    ),
    mark(
        "Contacts are not recorded, so what was done with the leads cannot be seen: handling is here all that the "
        "fields do not show."
    ),
)
"""`analytics.report.cautions`."""

HANDLED = mark(
    "Handling (how leads were worked, plus any quality our fields don't capture) moved conversion by %(moved)s."
)
OFF_IN_A_GROUP = mark(
    "The scores predicted %(predicted)s wins for %(columns)s %(group)s among %(leads)s matured leads, and %(actual)s "
    "came: %(ratio)s per predicted one. Until that is understood, the forecast for younger leads is off by as much."
)
OFF = mark(
    "The scores predicted %(predicted)s wins among %(leads)s matured leads, and %(actual)s came: %(ratio)s per "
    "predicted one. Until that is understood, the forecast for younger leads is off by as much."
)
UNCALLED = mark("Of 100 matured leads, %(uncalled)s were never called. Which of them were worth a call?")
UNCALLED_SINCE = mark(
    "Of 100 matured leads, %(uncalled)s were never called, before %(before)s. Which of them were worth a call?"
)
POINTS = (
    HANDLED,
    mark("More than the others, leads from %(source)s moved it, by %(moved)s; %(conversion)s."),
    mark("their conversion went from %(before)s %% to %(after)s %%"),
    mark("they came in one of the periods only"),
    mark("What was different?"),
    mark("The leads that arrived moved conversion by %(moved)s."),
    mark(
        "More than the others, %(source)s moved it, by %(moved)s; its share of the leads went from %(before)s to "
        "%(after)s."
    ),
    mark("Is that as intended?"),
    mark("%(count)s in 100"),
    OFF_IN_A_GROUP,
    OFF,
    mark("%(value)s (between %(low)s and %(high)s)"),
    mark(
        "%(alike)s, leads called within %(limit)s were won more often than those called later: %(moved)s. Unless "
        "agents chose whom to call first by what no score or field shows, %(wins)s more of the leads that arrived "
        "%(days)s would have won, called sooner."
    ),
    mark("What would it take to call them sooner?"),
    mark("Of 100 leads of grade %(grade)s, %(kept)s were called in time, within %(due)s."),
    mark("Is that time too short, or the day too full?"),
    UNCALLED,
    UNCALLED_SINCE,
    mark(
        "A customer from %(source)s costs %(cost)s %(currency)s (between %(low)s and %(high)s), from all other sources "
        "with spend %(others)s %(unit)s (between %(least)s and %(most)s): clearly more, adjusted for the %(sources)s "
        "sources compared. Is it worth that?"
    ),
    mark(
        "The wins of %(unusual)s of %(agents)s agents differ from those expected of their leads by more than chance "
        "and the usual differences explain. What do they do differently, and what was different for them?"
    ),
    mark("Conversion does not clearly show it, but %(changes)s."),
    mark("In the same weeks %(changes)s. Whether that is why cannot be told from this."),
    mark(
        "Speed, reach and calls per lead did not change clearly, so what changed is more likely after the first "
        "conversation, or in the leads themselves."
    ),
    mark("the median time to first call went from %(before)s to %(after)s"),
    mark("the share of leads never called went from %(before)s to %(after)s"),
    mark("the share of called leads that were reached went from %(before)s to %(after)s"),
    mark("calls per lead called went from %(before)s to %(after)s"),
    mark("%(first)s to %(last)s"),
)
"""`analytics.report.points` and `meanwhile`."""

FORMER_POINTS: dict[Template, Template] = {
    "Handling, or quality that the fields do not show, moved conversion by %(moved)s.": HANDLED,
    "The scores promised %(predicted)s wins for %(columns)s %(group)s among %(leads)s matured leads, and %(actual)s "
    "came: %(ratio)s for each promised. Until that is understood, what is expected of younger leads is off by as "
    "much.": OFF_IN_A_GROUP,
    "The scores promised %(predicted)s wins among %(leads)s matured leads, and %(actual)s came: %(ratio)s for each "
    "promised. Until that is understood, what is expected of younger leads is off by as much.": OFF,
    "Of 100 matured leads, %(uncalled)s were never tried. Which of them were worth a call?": UNCALLED,
}
"""Points as they were worded before: agreements are kept with them."""

REPORT = Sentences(
    (*CHANGE, *CAUTIONS, *POINTS, *RESPONSE, *ESTIMATES, *AGENTS, *COST, *DRIFT, *MADE, *CONTACT_LOG),
    rewrites=FORMER_POINTS,
    is_nested=True,
)


def said(text: str) -> str:
    """A text of a report in the reader's language; in English as it was stored."""
    return text if current_language() == SOURCE else REPORT.translate(text)
