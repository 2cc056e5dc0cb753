"""The list of leads behind a number of the report."""
