"""Numbers with their intervals: counts, sums and scores in, estimates out."""
