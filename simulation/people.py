"""The person behind a lead. In: where leads come from, their firms. Out: title, country, email, phone.

No address and no number can be anybody's: company domains end in .example, free-mail names carry a made-up
number, and no country has subscribers under 000.
"""

from dataclasses import dataclass

import numpy as np

from simulation.arrays import Ints, Texts, given, logistic, pick, table
from simulation.arrivals import Arrivals
from simulation.firms import Firms
from simulation.sources import SOURCES
from stats.types import Mask, Vector

NO_TITLE, STUDENT, STAFF, MANAGER, DIRECTOR, CHIEF = range(6)
RANK_STEPS = (-1.55, 0.35, 1.05, 1.75)  # of a standard normal, between the ranks from STUDENT to CHIEF
FUNCTIONS = ("Sales", "Marketing", "IT", "Operations", "Finance", "Purchasing", "HR", "Logistics", "Product")
TITLES: tuple[tuple[str, ...], ...] = (
    ("",),
    ("Student", "Intern", "{} Intern", "Trainee", "PhD student"),
    ("{} Specialist", "{} Analyst", "{} Consultant", "Assistant {}", "{} Engineer"),
    ("{} Manager", "Manager {}", "{} Team Lead", "Senior Manager, {}"),
    ("{} Director", "Director of {}", "Head of {}", "VP {}", "Vice President {}"),
    ("CEO", "Owner", "Founder & CEO", "Managing Director", "Chief {} Officer"),
)
USUAL_SIZE = 4.0  # logarithm of the employees of a middling firm
NO_MAIL, FREE_MAIL, COMPANY_MAIL = range(3)
FREE_DOMAINS = ("gmail.com", "outlook.com", "yahoo.com", "gmx.de", "icloud.com", "web.de", "proton.me")
FREE_WEIGHTS = [0.5, 0.18, 0.12, 0.08, 0.06, 0.04, 0.02]
COUNTRIES = (
    ("Germany", "+49", 0.30), ("United Kingdom", "+44", 0.17), ("United States", "+1", 0.14),
    ("France", "+33", 0.10), ("Netherlands", "+31", 0.07), ("Poland", "+48", 0.06), ("Austria", "+43", 0.05),
    ("Switzerland", "+41", 0.04), ("Sweden", "+46", 0.03), ("Spain", "+34", 0.02), ("Malta", "+356", 0.004),
    ("Iceland", "+354", 0.003), ("Luxembourg", "+352", 0.003), ("Estonia", "+372", 0.002),
)  # fmt: skip
FIRST_NAMES = ("anna", "ben", "carla", "david", "eva", "felix", "greta", "hugo", "ines", "jan", "kira", "leo")
LAST_NAMES = ("meyer", "smith", "novak", "rossi", "jansen", "dubois", "kowalski", "berg", "silva", "brown")
FIRM_WORDS = ("north", "blue", "alpine", "urban", "delta", "prime", "solid", "bright", "river", "atlas")
FIRM_KINDS = ("works", "labs", "group", "trade", "systems", "partners", "foods", "motors", "media", "care")


@dataclass(frozen=True)
class People:
    """Who the leads are: indexes into the tables above."""

    rank: Ints
    mail: Ints
    country: Ints
    prefix: Ints
    """The country of the phone's prefix; it is usually the person's own."""
    phone: Mask


def draw_people(rng: np.random.Generator, arrivals: Arrivals, firms: Firms) -> People:
    """Draw a person for each lead; people of larger firms use company mail more often."""
    leads = arrivals.size
    country = pick(rng, [weight for _, _, weight in COUNTRIES], leads)
    elsewhere = pick(rng, [weight for _, _, weight in COUNTRIES], leads)
    return People(
        rank=_ranks(rng, arrivals),
        mail=_mails(rng, arrivals, firms),
        country=country,
        prefix=np.where(rng.random(leads) < 0.95, country, elsewhere),
        phone=rng.random(leads) < 0.78,
    )


def people_columns(rng: np.random.Generator, people: People) -> dict[str, Texts | Vector]:
    """Write the people as a CRM holds them."""
    return {
        "country": table([name for name, _, _ in COUNTRIES])[people.country],
        "job_title": _title_texts(rng, people.rank),
        "email": _mail_texts(rng, people.mail),
        "phone": _phone_texts(rng, people),
    }


def _ranks(rng: np.random.Generator, arrivals: Arrivals) -> Ints:
    shift = np.array([source.audience.seniority for source in SOURCES])[arrivals.source]
    standing = np.digitize(rng.normal(shift, 1.0), RANK_STEPS) + STUDENT
    return np.where(rng.random(arrivals.size) < 0.88, standing, NO_TITLE)


def _mails(rng: np.random.Generator, arrivals: Arrivals, firms: Firms) -> Ints:
    usual = np.array([source.audience.company_mail for source in SOURCES])[arrivals.source]
    larger = 0.35 * (firms.size - USUAL_SIZE)
    company = rng.random(arrivals.size) < logistic(np.log(usual / (1 - usual)) + larger)
    left = rng.random(arrivals.size) < 0.97
    return np.where(left, np.where(company, COMPANY_MAIL, FREE_MAIL), NO_MAIL)


def _title_texts(rng: np.random.Generator, rank: Ints) -> Texts:
    known = [[text.format(name) for text in texts for name in FUNCTIONS] for texts in TITLES]
    counts = np.array([len(texts) for texts in known])
    choice = np.cumsum(counts)[rank] - counts[rank] + (rng.random(rank.size) * counts[rank]).astype(np.int64)
    texts = [text for texts in known for text in texts]
    cased = table(texts + [text.lower() for text in texts] + [text.upper() for text in texts])
    result: Texts = cased[choice + len(texts) * pick(rng, [0.88, 0.09, 0.03], rank.size)]
    return result


def _mail_texts(rng: np.random.Generator, mail: Ints) -> Texts:
    name = _words(rng, FIRST_NAMES, mail.size) + "." + _words(rng, LAST_NAMES, mail.size)
    number = rng.integers(100, 99_999, mail.size).astype(str).astype(object)
    firm = _words(rng, FIRM_WORDS, mail.size) + _words(rng, FIRM_KINDS, mail.size) + number + ".example"
    free = number + "@" + table(list(FREE_DOMAINS))[pick(rng, FREE_WEIGHTS, mail.size)]
    return given(mail != NO_MAIL, name + np.where(mail == COMPANY_MAIL, "@" + firm, "." + free))


def _phone_texts(rng: np.random.Generator, people: People) -> Texts:
    number = rng.integers(1_000_000, 9_999_999, people.phone.size).astype(str).astype(object)
    prefix = table([prefix for _, prefix, _ in COUNTRIES])[people.prefix]
    return given(people.phone, prefix + " 000 " + number)


def _words(rng: np.random.Generator, words: tuple[str, ...], size: int) -> Texts:
    return table(list(words))[rng.integers(0, len(words), size)]
