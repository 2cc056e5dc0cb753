"""The store: all that the service keeps, and the only SQL. Functions of a connection, run by `Store`.

Code outside calls these functions within one transaction, whose `Connection` it only hands on.
"""

from sqlalchemy import Connection

from serving.store.errors import SchemaOutdated, StoreUnavailable
from serving.store.store import Store

__all__ = ["Connection", "SchemaOutdated", "Store", "StoreUnavailable"]
