"""Targets and hours as the admin's page says them."""

from serving.pages.admin.targets import targets_view
from serving.pages.page_context import PageContext
from serving.settings import Settings
from tests.serving.crm import NOW
from tests.serving.pages.floor import UTC_ZONE, Floor


def test_targets_say_when_a_lead_that_arrives_now_is_due_and_what_changes_them(floor: Floor) -> None:
    settings = Settings(promises="A=15m B=2d", working_hours="Mon-Fri 09:00-10:00", random_share=0.05, claim_minutes=90)
    view = targets_view(settings, PageContext(NOW, UTC_ZONE, "Olga", None))
    assert view.title == "Called first: A within 15 min, B within 48 h"
    assert view.clock == "It is 10:00 UTC, outside working hours."
    assert [(line.target, line.due) for line in view.targets] == [
        ("15 min of working time", "tomorrow 09:15 UTC"),
        ("48 h of working time", "Fri 8 May 10:00 UTC"),
        ("none", "–"),
        ("none", "–"),
    ]
    told = {rule.setting: rule.value for rule in view.rules}
    assert (told["LEADS_RANDOM_SHARE"], told["LEADS_CLAIM_MINUTES"]) == ("5.0 %", "90 min")
    assert told.keys() <= {f"LEADS_{name.upper()}" for name in Settings.model_fields}
    shown = floor.person("Olga", "admin").page("/admin/targets")
    assert "Mon-Fri 09:00-18:00 UTC LEADS_WORKING_HOURS" in shown
    assert "LEADS_WORKING_HOURS" in shown
