"""A company whose truth is known: its leads, contacts, outcomes and spend."""
