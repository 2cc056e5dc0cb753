"""The search for a lead."""
