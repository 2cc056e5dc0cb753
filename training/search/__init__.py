"""Model search by cross-validation within a time budget."""
