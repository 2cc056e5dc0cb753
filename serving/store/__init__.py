"""The store: all that the service keeps, and the only SQL. Functions of a connection, run by `Store`."""

from serving.store.errors import SchemaOutdated, StoreUnavailable
from serving.store.store import Store

__all__ = ["SchemaOutdated", "Store", "StoreUnavailable"]
