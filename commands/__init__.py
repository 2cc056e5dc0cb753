"""The `leads` command line: thin, one file a command."""
