"""Which boosters, weights and half-lives are tried within the budget, judged by cross-validation."""
