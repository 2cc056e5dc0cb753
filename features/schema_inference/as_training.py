"""What became of the leads looked at, as training will count them: open and older than the horizon is not won."""

from datetime import date

import numpy as np

from features.parsing.plausible_dates import last_plausible, most_within
from features.schema_inference.dates import Times
from features.schema_inference.outcome_place import HORIZON_DAYS, OutcomePlace
from features.schema_inference.states import States
from features.schema_inference.survey import Survey


def last_day(survey: Survey, place: OutcomePlace, today: date | None) -> np.datetime64 | None:
    """The newest arrival or closing that may be; None where nothing is dated. Dates of open leads say nothing."""
    if survey.arrived is None:
        return None
    clock = most_within(survey.arrived, today)
    facts = [survey.arrived]
    if place.closed_at is not None:
        facts.append(place.closed_at[place.states.won | place.states.lost])
    return last_plausible(np.concatenate(facts), clock)


def as_training_counts(states: States, arrived: Times | None, last: np.datetime64 | None) -> States:
    """The states (n,) at the end of the day of the last fact."""
    if arrived is None or last is None:
        return states
    end = last.astype("datetime64[D]") + np.timedelta64(1, "D")
    return states.matured(end - arrived >= np.timedelta64(HORIZON_DAYS, "D"))
