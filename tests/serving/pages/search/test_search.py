"""The search: leads found by what people know of them."""

from urllib.parse import quote

import pytest

from tests.serving.models import LEAD
from tests.serving.pages.floor import Floor

ADA = {"name": "Ada Łovelace", "company": "Analytical Engines"}


@pytest.mark.parametrize("text", ["ada łOVE", "engines", "7946 00", "ANN@example", "L-1", "l-1"])
def test_a_lead_is_found_by_name_company_phone_address_and_id(either_floor: Floor, text: str) -> None:
    either_floor.put("L-1", fields=LEAD["fields"] | ADA)
    either_floor.put("L-2", fields={"name": "Bo"})
    shown = either_floor.person().page(f"/search?q={quote(text)}")
    assert "Ada Łovelace" in shown
    assert "waiting" in shown
    assert "Bo L-2" not in shown


def test_what_became_of_a_lead_stands_beside_it(floor: Floor) -> None:
    for lead_id in ("L-won", "L-mine", "L-later"):
        floor.put(lead_id)
    ann = floor.person()
    ann.act("/queue/call", lead_id="L-won", result="won")
    ann.act("/queue/call", lead_id="L-later", result="not_reached", again="1d")
    ann.act("/queue/claim", lead_id="L-mine")
    shown = ann.page("/search?q=L-")
    assert all(said in shown for said in ("won 10:00", "to be called again tomorrow 09:00", "yours"))
    assert "with Ann" in floor.person("Ben").page("/search?q=L-mine")


@pytest.mark.parametrize("text", ["", "%20", "nobody", "%00", "%25", "x" * 300])
def test_nothing_found_says_what_can_be_looked_for(floor: Floor, text: str) -> None:
    floor.put("L-1")
    assert "Look for part of a name, company, phone number" in floor.person().page(f"/search?q={text}")


def test_a_report_key_finds_nobody(floor: Floor) -> None:
    reader = floor.person("Rita", "report")
    assert reader.get("/search?q=L-1").status_code == 403
    assert "Find a lead" not in reader.page("/report")
