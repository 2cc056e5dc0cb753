"""Who runs a command, for the history of promotions."""

import getpass
import os


def user_name() -> str:
    """The account's name, or its number where it has no name, as a container's may not."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # before Python 3.13, and since
        return f"user {os.getuid()}"
