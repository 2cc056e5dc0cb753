"""The plain tables as they stood at an as-of date: one row a lead."""

from analytics.leads_as_of.leads_as_of import LeadsAsOf, read_leads_as_of

__all__ = ["LeadsAsOf", "read_leads_as_of"]
