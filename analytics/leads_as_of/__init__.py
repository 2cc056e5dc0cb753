"""The plain tables as they stood at an as-of date: one row a lead."""

from analytics.leads_as_of.facts import Facts, read_facts

__all__ = ["Facts", "read_facts"]
