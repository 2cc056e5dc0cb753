"""How scores are spread over the grades, and what other thresholds would mean."""
