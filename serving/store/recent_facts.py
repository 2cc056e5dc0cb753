"""What companies sent of the leads that arrived lately, the newest first."""

from datetime import datetime

from sqlalchemy import Connection, select

from serving.store.calibration_cohort import ARRIVED
from serving.store.leads import LeadFacts
from serving.store.tables import leads


def read_recent_facts(connection: Connection, start: datetime, most: int) -> list[LeadFacts]:
    """Up to `most` leads that arrived from `start` on."""
    shown = (leads.c.lead_id, leads.c.created_at, leads.c.source, leads.c.campaign, leads.c.value, leads.c.fields)
    found = select(*shown).where(start <= ARRIVED).order_by(ARRIVED.desc()).limit(most)
    return [LeadFacts(*row) for row in connection.execute(found)]
