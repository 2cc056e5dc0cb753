"""Statistics that know nothing of leads: counts, sums and scores in, estimates out."""
