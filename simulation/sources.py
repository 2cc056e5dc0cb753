"""Where leads come from. In: nothing. Out: the sources of the company and their campaigns, as constants.

Qualities are log-odds of winning; shares are of all leads, before season and drift.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Campaign:
    """A part of a source that is planned, and mostly paid, by itself."""

    name: str
    share: float
    quality: float = 0.0
    cost: float = 0.0
    """Money spent per expected lead; zero for a source that costs nothing by the lead."""


@dataclass(frozen=True)
class Audience:
    """What the leads of a source look like; this is how sources differ beyond their own quality."""

    size: float
    """Mean of the logarithm of the number of employees."""
    seniority: float
    """Shift toward the higher ranks, in standard deviations."""
    company_mail: float
    """Share that leaves a company address."""
    demo: float
    """Log-odds of asking for a demo."""
    pages: float
    """Mean of pages seen before arriving; zero for people who never visited."""


@dataclass(frozen=True)
class Source:
    """A way on which leads come, with its own volume over time and its own kind of leads."""

    name: str
    desk: str
    """The part of the team that works its leads: inbound or outbound."""
    quality: float
    median_delay: float
    """Days until half of its eventual wins are won."""
    drift: float
    """Growth of its volume over a year, as a logarithm."""
    weekend: float
    """Volume of a Saturday or Sunday against a working day."""
    audience: Audience
    campaigns: tuple[Campaign, ...]


SOURCES = (
    Source("Search Ads", "inbound", 0.00, 14, -0.06, 0.45, Audience(4.0, 0.0, 0.55, -1.9, 5.0),
           (Campaign("brand", 0.08, 0.45, 35), Campaign("generic", 0.13, -0.20, 60),
            Campaign("competitor", 0.04, 0.10, 85))),
    Source("Social Ads", "inbound", -0.35, 28, 0.10, 0.80, Audience(3.2, -0.5, 0.30, -2.3, 2.5),
           (Campaign("lead-form", 0.11, -0.25, 22), Campaign("lookalike", 0.07, 0.00, 30),
            Campaign("retargeting", 0.04, 0.45, 40))),
    Source("Organic Search", "inbound", 0.15, 18, 0.03, 0.45, Audience(3.8, 0.0, 0.50, -1.7, 6.0),
           (Campaign("", 0.16),)),
    Source("Webinar", "inbound", 0.10, 30, 0.05, 0.20, Audience(4.3, 0.1, 0.65, -2.2, 4.0),
           (Campaign("product-tour", 0.05, 0.20, 55), Campaign("industry-talk", 0.05, -0.20, 45))),
    Source("Reference", "inbound", 1.20, 7, 0.05, 0.25, Audience(4.3, 0.4, 0.75, -1.2, 3.0),
           (Campaign("", 0.06),)),
    Source("Partner", "outbound", 0.15, 21, 0.00, 0.10, Audience(5.0, 0.6, 0.90, -1.0, 3.0),
           (Campaign("integrators", 0.05, 0.10, 70), Campaign("resellers", 0.05, -0.10, 50))),
    Source("Cold List", "outbound", -0.60, 60, -0.05, 0.02, Audience(4.6, 0.3, 0.70, -4.0, 0.0),
           (Campaign("spring-list", 0.06, 0.00, 12), Campaign("trade-fair", 0.05, 0.25, 25))),
)  # fmt: skip

SOURCE_NAMES = tuple(source.name for source in SOURCES)
CAMPAIGNS = tuple(campaign for source in SOURCES for campaign in source.campaigns)
SOURCE_OF_CAMPAIGN = tuple(index for index, source in enumerate(SOURCES) for _ in source.campaigns)
