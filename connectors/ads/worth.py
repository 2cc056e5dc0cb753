"""What a lead is worth: probability times expected margin on arrival, the margin that came once it is won, else 0."""

from connectors.ads.config import MarginSection
from connectors.ads.lead import AdLead


def expected_margin(lead: AdLead, margin: MarginSection) -> float | None:
    """The money that a lead brings if it is won, after cost; None where neither the lead nor ads.toml says."""
    return _margin_of(lead, margin, lead.value)


def value_on_arrival(lead: AdLead, margin: MarginSection) -> float | None:
    """Probability times expected margin, to the cent; None where one of them is unknown."""
    worth = expected_margin(lead, margin)
    return None if worth is None or lead.probability is None else round(lead.probability * worth, 2)


def value_known(lead: AdLead, margin: MarginSection) -> float | None:
    """What a lead's outcome made it worth, to the cent; None while it is open, or won with nothing known of money."""
    outcome = lead.outcome
    if outcome is None or outcome.status == "open":
        return None
    if outcome.status == "lost":
        return 0.0
    worth = _margin_of(lead, margin, lead.value if outcome.value is None else outcome.value)
    return None if worth is None else round(worth, 2)


def _margin_of(lead: AdLead, margin: MarginSection, brings: float | None) -> float | None:
    group = (lead.source or "") if margin.by == "source" else lead.text(margin.by)
    money = margin.values.get(group, margin.value) if brings is None else brings
    return None if money is None else max(money, 0.0) * margin.shares.get(group, margin.share)
