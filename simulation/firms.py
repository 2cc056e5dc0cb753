"""The company a lead works for. In: where leads come from. Out: what a form or a list says of the firm."""

from dataclasses import dataclass

import numpy as np

from simulation.arrays import Ints, Texts, pick, table
from simulation.arrivals import Arrivals
from simulation.sources import SOURCES
from stats.types import Vector

UNKNOWN = -1
COMMON_INDUSTRIES = (
    "Software", "Manufacturing", "Retail", "Financial Services", "Healthcare", "Construction", "Education",
    "Logistics", "Professional Services", "Hospitality", "Media", "Real Estate", "Telecommunications",
    "Automotive", "Energy", "Food Production", "Pharmaceuticals", "Public Sector", "Insurance", "Non-profit",
)  # fmt: skip
RARE_INDUSTRIES = (
    "Mining", "Forestry", "Fisheries", "Aerospace", "Shipbuilding", "Textiles", "Furniture", "Glass",
    "Veterinary", "Museums", "Space", "Printing",
)  # fmt: skip
INDUSTRIES = COMMON_INDUSTRIES + RARE_INDUSTRIES
INDUSTRY_WEIGHTS = [1 / (rank + 2) for rank in range(len(COMMON_INDUSTRIES))] + [0.003] * len(RARE_INDUSTRIES)
ABBREVIATIONS = {
    "Software": "IT", "Manufacturing": "Mfg", "Financial Services": "Finance", "Healthcare": "Health care",
    "Professional Services": "Consulting", "Telecommunications": "Telecom", "Pharmaceuticals": "Pharma",
    "Public Sector": "Government", "Non-profit": "Nonprofit", "Real Estate": "RealEstate",
}  # fmt: skip
SPELLINGS = 5
SPELLING_WEIGHTS = [0.80, 0.08, 0.03, 0.03, 0.06]
PLACEHOLDERS = ("Select", "unknown", "")
PLACEHOLDER_WEIGHTS = [0.55, 0.20, 0.25]


@dataclass(frozen=True)
class Firms:
    """What the leads told of their firms; what they did not tell is missing."""

    industry: Ints
    """Index into INDUSTRIES, UNKNOWN where only a placeholder was left."""
    employees: Vector
    revenue: Vector
    size: Vector
    """Logarithm of the employees there truly are, also where the field is missing."""


def draw_firms(rng: np.random.Generator, arrivals: Arrivals) -> Firms:
    """Draw a firm for each lead; missing is NaN or UNKNOWN."""
    leads = arrivals.size
    size = np.array([source.audience.size for source in SOURCES])[arrivals.source] + rng.normal(0, 1.3, leads)
    employees = np.maximum(1.0, np.rint(np.exp(size)))
    revenue = np.rint(employees * 120 * np.exp(rng.normal(0, 0.6, leads))) * 1000
    told = rng.random((3, leads))
    return Firms(
        industry=np.where(told[0] < 0.84, pick(rng, INDUSTRY_WEIGHTS, leads), UNKNOWN),
        employees=np.where(told[1] < 0.86, employees, np.nan),
        revenue=np.where(told[2] < 0.62, revenue, np.nan),
        size=np.log(employees),
    )


def firm_columns(rng: np.random.Generator, firms: Firms) -> dict[str, Texts | Vector]:
    """Write the firms as a CRM holds them: spelling variants, placeholders, gaps."""
    return {
        "industry": _industry_texts(rng, firms.industry),
        "employees": firms.employees,
        "annual_revenue": firms.revenue,
    }


def _industry_texts(rng: np.random.Generator, industry: Ints) -> Texts:
    spelled = table([text for name in INDUSTRIES for text in _spellings(name)])
    variant = pick(rng, SPELLING_WEIGHTS, industry.size)
    placeholder = table(list(PLACEHOLDERS))[pick(rng, PLACEHOLDER_WEIGHTS, industry.size)]
    return np.where(industry == UNKNOWN, placeholder, spelled[industry * SPELLINGS + variant])


def _spellings(name: str) -> tuple[str, ...]:
    return name, name.lower(), name.upper(), name + " ", ABBREVIATIONS.get(name, name)
