"""All CRMs by name."""

from collections.abc import Mapping

from connectors.crm.bitrix24 import Bitrix24
from connectors.crm.config import Connection
from connectors.crm.crm import Crm
from connectors.crm.dynamics import Dynamics
from connectors.crm.generic import Generic
from connectors.crm.hubspot import HubSpot
from connectors.crm.kommo import Kommo
from connectors.crm.mapping import CrmName
from connectors.crm.pipedrive import Pipedrive
from connectors.crm.salesforce import Salesforce

CRMS: Mapping[CrmName, type[Crm]] = {
    "hubspot": HubSpot,
    "bitrix24": Bitrix24,
    "salesforce": Salesforce,
    "dynamics": Dynamics,
    "pipedrive": Pipedrive,
    "kommo": Kommo,
    "generic": Generic,
}


def make_crm(connection: Connection) -> Crm:
    """The CRM of a connection."""
    return CRMS[connection.crm](connection)
