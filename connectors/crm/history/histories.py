"""The pasts of all CRMs by name."""

from collections.abc import Mapping

from connectors.crm.crm import Crm
from connectors.crm.errors import CrmRefused
from connectors.crm.history.bitrix24 import Bitrix24History
from connectors.crm.history.dynamics import DynamicsHistory
from connectors.crm.history.hubspot import HubSpotHistory
from connectors.crm.history.kommo import KommoHistory
from connectors.crm.history.pages import History
from connectors.crm.history.pipedrive import PipedriveHistory
from connectors.crm.history.salesforce import SalesforceHistory
from connectors.crm.mapping import CrmName

HISTORIES: Mapping[CrmName, type[History]] = {
    "hubspot": HubSpotHistory,
    "pipedrive": PipedriveHistory,
    "bitrix24": Bitrix24History,
    "salesforce": SalesforceHistory,
    "dynamics": DynamicsHistory,
    "kommo": KommoHistory,
}


def make_history(crm: Crm) -> History:
    """The past of a CRM; raises `CrmRefused` where it cannot be pulled."""
    made = HISTORIES.get(crm.connection.crm)
    if made is None:
        raise CrmRefused(
            f"[{crm.connection.name}]: {crm.connection.defaults.title} keeps its past itself: "
            "write it out as tables, then leads init"
        )
    return made(crm)
