"""The frozen model that divides mix from handling, and has seen neither period."""
