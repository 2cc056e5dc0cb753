"""The joint numbers of marketing and sales: pure functions over what is known at a date."""
