"""Whether the leads that arrive are filled in as those were that the model learned from."""
