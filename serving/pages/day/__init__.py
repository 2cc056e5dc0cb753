"""The page of an agent's day."""
