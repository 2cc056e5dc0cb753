"""Evaluation on held-out leads, and the gate of a promotion."""
