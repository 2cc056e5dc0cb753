"""Training examples: datasets, splits, and samples for a fit."""
