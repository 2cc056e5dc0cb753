"""What keeps a message from being sent."""

from features.errors import Refused


class NotSent(Refused):
    """The message did not leave; what is said of it names no address, key or password."""
