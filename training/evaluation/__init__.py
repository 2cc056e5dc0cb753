"""What a model is worth on leads it has not seen, and whether it may be promoted."""
