"""Job titles and industries as people write them: few meanings, many spellings."""

import numpy as np

from benchmarks.accuracy.leads import Leads

RANKS = {
    "Intern": -1.2, "Assistant": -0.7, "Specialist": -0.2, "Engineer": 0.0, "Manager": 0.3, "Lead": 0.3,
    "Head": 0.8, "Director": 0.9, "VP": 1.1, "Chief": 0.9,
}  # fmt: skip
AREAS = {
    "Sales": 0.5, "Marketing": 0.3, "IT": 0.0, "Finance": -0.2, "Purchasing": 0.7, "Support": -0.4, "HR": -0.6,
    "Operations": 0.2,
}  # fmt: skip
FORMS = ("{area} {rank}", "{rank} of {area}", "Senior {area} {rank}", "{rank}, {area}", "{rank} {area}")
TRADES = (
    "Software", "Retail", "Logistics", "Insurance", "Banking", "Mining", "Energy", "Health", "Education", "Media",
    "Textile", "Paper", "Food", "Travel", "Chemical", "Steel", "Toy", "Furniture", "Glass", "Travel Agency",
    "Machine", "Housing", "Legal", "Shipping", "Farming",
)  # fmt: skip
ENDINGS = (
    "",
    " Industry",
    " & Services",
    " (B2B)",
    " Sector",
    " Trade",
    " Group",
    " and related",
    " company",
    " products",
)


def add_titles(leads: Leads) -> None:
    """A title says a rank and an area; how it is written says nothing."""
    ranks, areas = list(RANKS), list(AREAS)
    rank, area = leads.rng.integers(len(ranks), size=leads.size), leads.rng.integers(len(areas), size=leads.size)
    form = leads.rng.choice(len(FORMS), leads.size, p=[0.5, 0.2, 0.15, 0.1, 0.05])
    written = np.array([[[f.format(rank=r, area=a) for f in FORMS] for a in areas] for r in ranks])
    leads.columns["job_title"] = written[rank, area, form]
    leads.log_odds += np.array(list(RANKS.values()))[rank] + np.array(list(AREAS.values()))[area]


def add_industries(leads: Leads) -> None:
    """A trade counts; the ending does not."""
    share = 1.0 / np.arange(2, len(TRADES) + 2)
    trade = leads.rng.choice(len(TRADES), leads.size, p=share / share.sum())
    ending = leads.rng.choice(len(ENDINGS), leads.size, p=[0.4] + [0.6 / (len(ENDINGS) - 1)] * (len(ENDINGS) - 1))
    written = np.array([[trade + ending for ending in ENDINGS] for trade in TRADES])
    leads.columns["industry"] = written[trade, ending]
    leads.log_odds += leads.rng.normal(0, 0.7, len(TRADES))[trade]
