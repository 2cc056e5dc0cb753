"""Who came and what was done: the change of conversion between two periods, in two parts."""
