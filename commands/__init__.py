"""The `leads` command line: thin, one file a command."""

__version__ = "0.1.0"
"""Of the whole product; pyproject.toml reads it here."""
