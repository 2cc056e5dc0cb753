"""A company's past: tables into the store, and out of it again for training."""
