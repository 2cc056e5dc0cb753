"""Checks that refuse to train: leakage, fields changed after arrival, gross changes of the data."""
