"""The champion: where it comes from, how it is swapped, and how it scores."""
