"""The language that words, numbers and dates are written in: which one, its catalogue, and how a text is marked."""
