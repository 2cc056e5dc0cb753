"""The lead page."""
