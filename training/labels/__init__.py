"""The labels of leads at an as-of date, and their weights."""
