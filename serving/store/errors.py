"""What can be wrong with the store itself."""

from features.errors import Refused


class StoreUnavailable(Exception):
    """The database cannot be reached just now, or is too busy; nothing of the request was stored for certain.

    The message says why, without names, addresses or values.
    """

    def __init__(self, reason: str = "the database cannot be reached") -> None:
        super().__init__(reason)


class SchemaOutdated(Refused):
    """The database was made by another version of this product."""
