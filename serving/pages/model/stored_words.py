"""What training stored in English, in the reader's words: decisions, cautions, and what is noted of fields."""

from language.sentences import Sentences
from language.text import mark

DECISIONS = Sentences(
    (
        mark("%(comparison)s; on the last %(leads)s of them it %(verdict)s"),
        mark("held, because %(comparison)s"),
        mark("%(reason)s: the shrunk rates per source are served"),
        mark("%(one)s cannot be compared with %(other)s: %(why)s"),
        mark(
            "%(one)s cannot be told from %(other)s by %(leads)s leads, %(wins)s of them won: "
            "%(least)s leads with %(outcomes)s of either outcome are needed"
        ),
        mark("%(one)s beats %(other)s in log loss by %(gain)s [%(low)s, %(high)s] on %(leads)s leads"),
        mark("%(one)s is worse than %(other)s in log loss by %(gain)s [%(low)s, %(high)s] on %(leads)s leads"),
        mark("cannot be told from it: %(wins)s of them won"),
        mark("beats it by %(gain)s [%(low)s, %(high)s]"),
        mark("is worse than it by %(gain)s [%(low)s, %(high)s]"),
        mark("too few leads were won, or were not, to try a model (%(wins)s of either are needed)"),
        mark("there are too few leads to tell whether a model beats the base rate"),
        mark("%(model)s beats the base rate over all leads, but not on the last ones, where it is worse"),
        mark("there is no champion yet"),
        mark("promoted by hand"),
        mark("rolled back by hand"),
        mark("it needs %(fields)s, which scoring.toml no longer has"),
        mark("its horizon is %(theirs)s days, not %(ours)s"),
        mark("it has learned from all but %(unseen)s of the %(leads)s test leads; newer ones are needed"),
        mark("%(rival)s for source '%(source)s'"),
        mark("champion version %(version)s"),
        mark("the base rate"),
        mark("the CRM baseline"),
        mark("base rate"),
        mark("CRM baseline"),
    ),
    rewrites={
        "%(one)s is within noise of %(other)s in log loss by %(gain)s [%(low)s, %(high)s] on %(leads)s leads": mark(
            "%(one)s and %(other)s: no clear difference in log loss, %(gain)s [%(low)s, %(high)s] on %(leads)s leads"
        ),
        "is within noise of it by %(gain)s [%(low)s, %(high)s]": mark(
            "shows no clear difference, %(gain)s [%(low)s, %(high)s]"
        ),
        "no model beats the base rate beyond noise yet": mark("no model clearly beats the base rate yet"),
    },
    is_nested=True,
)
"""`training.evaluation`: what was decided when a model was trained, and why."""

CONTACT_LOG = (
    mark(
        "%(logged)s of %(wins)s wins have a contact on record, so contacts do not tell which leads were called: all "
        "leads count as called"
    ),
    mark(
        "%(logged)s of %(wins)s wins have a contact on record, so about %(share)s%% of the calls are logged. Leads "
        "without a logged contact are left out, won or not, which is fair only if calls are logged alike for won leads "
        "and for others"
    ),
)
"""`features.contact_log`."""

CAUTIONS = Sentences(
    (
        mark(
            "leads without a source: %(contacted)s of %(arrived)s were called; its score is little more than a guess, "
            "and its leads are marked so. The random share of the queue can be aimed at it (LEADS_RANDOM_SOURCES)"
        ),
        mark(
            "%(source)s: %(contacted)s of %(arrived)s were called; its score is little more than a guess, and its "
            "leads are marked so. The random share of the queue can be aimed at it (LEADS_RANDOM_SOURCES)"
        ),
        *CONTACT_LOG,
    )
)
"""`training.checks.thin_sources` and `features.contact_log`: what the data say little of."""

MISSED = Sentences(
    (
        mark(
            "a quick model has a log loss of %(with_it)s with it and %(without)s without. "
            'Is it known when a lead arrives? Then say known = "arrival" in scoring.toml'
        ),
        mark(
            "a quick model has a log loss of %(with_it)s with it and %(without)s without. "
            "It all but tells the outcome, as what is filled in after it does. "
            'Is it known when a lead arrives? Then say known = "arrival" in scoring.toml'
        ),
    )
)
"""`training.checks.refused_fields`: what a field would add that is left out as known later."""

NOTES = Sentences(
    (
        mark("%(count)s different values, always filled"),
        mark("%(count)s different values, filled in %(fill)s%% of the rows"),
        mark("suspect: filled for %(winners)s%% of the won leads and %(losers)s%% of the lost"),
        mark("suspect: where it is filled, %(rate)s%% won (%(base)s%% of all), %(coverage)s%% of wins"),
        mark("suspect: where it is filled, %(rate)s%% won (%(base)s%% of all), %(coverage)s%% of losses"),
        mark("suspect: where it is missing, %(rate)s%% won (%(base)s%% of all), %(coverage)s%% of wins"),
        mark("suspect: where it is missing, %(rate)s%% won (%(base)s%% of all), %(coverage)s%% of losses"),
        mark("suspect: where it is %(label)s, %(rate)s%% won (%(base)s%% of all), %(coverage)s%% of wins"),
        mark("suspect: where it is %(label)s, %(rate)s%% won (%(base)s%% of all), %(coverage)s%% of losses"),
        mark("suspect: alone it ranks won before lost with an AUC of %(auc)s"),
        mark('write known = "arrival" if it is known when the lead arrives'),
    ),
    is_nested=True,
)
"""`features.schema_inference.fields` and `features.leakage.suspects`: what `leads init` noted of a field most often."""

METRICS = {
    "log loss": (
        mark("log loss"),
        mark("how far predictions are off (lower is better)"),
    ),
    "AUC": (mark("AUC"), mark("how often a winner is ranked above another lead")),
    "lift at 10 %": (mark("lift at 10 %"), mark("wins in the best 10 % of leads, over wins in an average 10 %")),
    "average precision": (
        mark("average precision"),
        mark("the share of winners among those picked, over all places to stop"),
    ),
    "calibration slope": (
        mark("calibration slope"),
        mark("1 is right; below 1 the probabilities lie too far apart"),
    ),
    "ECE": (mark("ECE"), mark("the mean gap between predicted and actual shares, in ten bins")),
}
"""The metrics that the page compares (`training.evaluation.metric_names`): their names and what they mean."""
