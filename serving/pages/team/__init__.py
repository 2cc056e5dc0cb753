"""The page of a team's work."""
