"""A CSV of leads in, a scored CSV out. Nothing is stored."""
