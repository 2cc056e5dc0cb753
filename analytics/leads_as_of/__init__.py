"""The plain tables as they stood at an as-of date: one row a lead."""

from analytics.leads_as_of.leads_as_of import LeadsAsOf, arrival_score, read_leads_as_of

__all__ = ["LeadsAsOf", "arrival_score", "read_leads_as_of"]
