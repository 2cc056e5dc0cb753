"""What the model notes of a lead, in the reader's words: stored in English, as the API tells it."""

from language.sentences import Sentences
from language.text import mark

WARNINGS = Sentences(
    (
        mark("field '%(field)s' is not known to the model and was not used"),
        mark("field '%(field)s' is known later and was not used"),
        mark("the value of '%(field)s' was never seen in training"),
        mark("taken as UTC, as no zone was sent: %(fields)s"),
        mark("created_at is %(day)s, hardly an arrival: before 2000, or ahead of the clock; send null if unknown"),
        mark("and %(count)s more like these"),
    )
)
"""What `training.score` warns of."""
