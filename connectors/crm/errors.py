"""What can be wrong with a connection to a CRM, or with what comes over it."""

from features.errors import Refused


class CrmRefused(Refused):
    """crm.toml, a secret, or what is asked of a connection is missing or wrong; the message says what is accepted."""


class NotGenuine(Exception):
    """A message that does not show that the CRM sent it; says what is missing, never what was sent."""


class MessageBroken(Exception):
    """A message that is not of the CRM's format; says what is expected."""
