"""What a lead did before it arrived. In: where leads come from. Out: visits, webinars, wishes.

Everything here is known at arrival and is not counted on afterwards.
"""

from dataclasses import dataclass

import numpy as np

from simulation.arrays import DAY, Ints, Texts, logistic, table
from simulation.arrivals import Arrivals
from simulation.people import DIRECTOR, People
from simulation.sources import SOURCE_NAMES, SOURCES
from stats.types import Mask, Vector

NEVER = 999
NO_ANSWER, NO, YES = range(3)


@dataclass(frozen=True)
class Visits:
    """What each lead did and wished before it arrived."""

    pages: Vector
    minutes: Vector
    first_visit: Ints
    """Unix seconds, NEVER_SEEN where no visit was recorded."""
    webinar_days: Ints
    """Days since the last webinar attended, NEVER if none."""
    demo: Mask
    newsletter: Ints


NEVER_SEEN = np.iinfo(np.int64).min  # what numpy takes for "not a time"


def draw_visits(rng: np.random.Generator, arrivals: Arrivals, people: People) -> Visits:
    """Draw the visits of each lead; who refused to be counted has none recorded."""
    mean = np.array([source.audience.pages for source in SOURCES])[arrivals.source]
    seen = (mean > 0) & (rng.random(arrivals.size) < 0.92)
    pages = np.float64(1) + rng.negative_binomial(1.2, 1.2 / (1.2 + mean))
    minutes = pages * rng.gamma(1.6, 0.8, arrivals.size)
    return Visits(
        pages=np.where(seen, pages, np.nan),
        minutes=np.where(seen, np.round(minutes, 1), np.nan),
        first_visit=np.where(seen, arrivals.at - _visiting_seconds(rng, minutes), NEVER_SEEN),
        webinar_days=_webinar_days(rng, arrivals),
        demo=_demos(rng, arrivals, people, pages),
        newsletter=rng.choice([NO_ANSWER, NO, YES], size=arrivals.size, p=[0.12, 0.60, 0.28]),
    )


def visit_columns(visits: Visits) -> dict[str, Texts | Vector | Ints | Mask]:
    """Write the visits as a CRM holds them."""
    return {
        "pages_viewed": visits.pages,
        "minutes_on_site": visits.minutes,
        "first_visit_at": visits.first_visit,
        "days_since_webinar": visits.webinar_days,
        "requested_demo": table(["no", "yes"])[visits.demo.astype(np.int64)],
        "newsletter": table(["", "no", "yes"])[visits.newsletter],
    }


def _visiting_seconds(rng: np.random.Generator, minutes: Vector) -> Ints:
    returning = rng.random(minutes.size) < 0.45
    days = np.where(returning, rng.gamma(0.9, 30, minutes.size), 0.0)
    return np.ceil(days * DAY + minutes * 60).astype(np.int64)


def _webinar_days(rng: np.random.Generator, arrivals: Arrivals) -> Ints:
    lately = arrivals.source == SOURCE_NAMES.index("Webinar")
    days = np.minimum(rng.gamma(0.8, np.where(lately, 4.0, 90.0)), 720).astype(np.int64)
    return np.where(lately | (rng.random(arrivals.size) < 0.2), days, NEVER)


def _demos(rng: np.random.Generator, arrivals: Arrivals, people: People, pages: Vector) -> Mask:
    usual = np.array([source.audience.demo for source in SOURCES])[arrivals.source]
    wish = usual + 0.3 * (people.rank >= DIRECTOR) + 0.4 * np.log(pages / 4)
    result: Mask = rng.random(arrivals.size) < logistic(wish)
    return result
