"""What can be wrong with the store itself."""

from features.refused import Refused


class StoreUnavailable(Exception):
    """The database cannot be reached just now, or is too busy; nothing of the request was stored for certain."""


class SchemaOutdated(Refused):
    """The database was made by another version of this product."""
