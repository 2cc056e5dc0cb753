"""What a person can mend, said in a message that tells how."""


class Refused(Exception):
    """The base of every error that is shown as its message alone: exit 1 in a terminal, never a traceback."""
