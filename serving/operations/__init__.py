"""Business steps: what happens when something of a lead arrives, is claimed, rescored or reported."""
