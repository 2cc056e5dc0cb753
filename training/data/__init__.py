"""Training examples: which leads, in which order, encoded."""
