"""What `leads init` proposes of a table that nobody described: roles, outcome, kinds, formats, leaked fields."""
