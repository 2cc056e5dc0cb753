"""What a training tells, in a reader's words: its steps, and why it was refused, failed or stopped."""

from language.sentences import Sentences
from language.text import gettext as _
from language.text import mark
from serving.operations.trainings import BY_HAND, WITH_SERVICE
from serving.store.trainings import Training

TRYING = mark("Trying models: %(num)s so far, the best has a log loss of %(value)s")
STEPS = Sentences(
    rewrites={
        "starting": mark("Starting"),
        "reading the store": mark("Reading the leads and their outcomes out of the store"),
        "reading what became of the leads": mark("Reading what became of the leads"),
        "%(num)s shape tried, best: %(name)s, log loss %(value)s": TRYING,
        "%(num)s shapes tried, best: %(name)s, log loss %(value)s": TRYING,
        "judging by the last leads": mark("Judging the models by the newest leads"),
        "fitting on all leads": mark("Fitting the best one on all leads"),
        "registering the model": mark("Registering the model"),
    }
)

REFUSALS = {
    "DataCheckFailed": mark(
        "The leads are not what the champion learned from. Have the data mended where they went wrong; tick below what "
        "is meant to be so, and train again."
    ),
    "SuspectedLeakage": mark(
        "The score would be too good to be true: some fields tell the outcome. In scoring.toml, mark each as known "
        'later (known = "later"), or as strong where it is truly known on arrival (strong = true).'
    ),
    "FieldsChangedAfterArrival": mark(
        "Some fields are filled in after leads arrive, so a new lead would lack them. In scoring.toml, mark each as "
        "known later, or list them under accept in [arrivals]."
    ),
    "TooFewOutcomes": mark(
        "There is too little to learn from yet: both customers and others are needed among the leads older than the "
        "horizon. Report outcomes, or wait."
    ),
    "RegistryUnreachable": mark("The registry of models does not answer. Start MLflow, then train again."),
    "AlreadyRunning": mark(
        "A leads retrain is running on the service's machine already, perhaps from cron. Start this one when it has "
        "ended."
    ),
    "": mark("Nothing was registered, and the champion stays. What is to be mended is said below, in English."),
}
BUSY = "another leads retrain is running"

OUTRIGHT = "SIGKILL"
STOPPED = {
    BY_HAND: mark("It was stopped by hand. Nothing was registered."),
    WITH_SERVICE: mark("The service was stopped or restarted while it ran. Nothing was registered: start it again."),
}
KILLED = mark(
    "The machine ended its process, most often because memory was short. Give it more memory, or train on another "
    "machine with the same database and registry, by leads retrain --no-promote."
)
FAILED = mark(
    "It ended by a fault (%(how)s), which whoever runs the service finds in the log under training.crashed. Nothing "
    "was promoted."
)
LOST = mark(
    "The process of the service that ran it is gone without a word, as when a machine is switched off. If no new "
    "version is among the models, start it again."
)


def describe_refusal(training: Training) -> str:
    """What a refusal means and what to do."""
    kind = (training.report or {}).get("refusal") or ("AlreadyRunning" if training.message.startswith(BUSY) else "")
    return _(REFUSALS.get(kind, REFUSALS[""]))


def describe_end(training: Training) -> str:
    """What came of a training that gave no model, and what to do."""
    if training.state == "refused":
        return describe_refusal(training)
    if training.state == "lost":
        return _(LOST)
    if training.state == "stopped":
        return _(STOPPED.get(training.message, STOPPED[WITH_SERVICE]))
    return _(KILLED) if training.message == OUTRIGHT else _(FAILED, how=training.message or "?")
