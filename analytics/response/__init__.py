"""How soon leads are tried and reached, and what that does for winning."""
