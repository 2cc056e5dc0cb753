"""Who may come in: keys, sessions, rates, and where the service may listen."""
