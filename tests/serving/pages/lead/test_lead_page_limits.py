"""The lead page of odd leads: any id, any number of fields and warnings."""

import json
from urllib.parse import quote

from tests.serving.http.test_http_semantics import MARKED
from tests.serving.pages.floor import Floor, text_of


def test_ids_are_taken_as_sent_on_pages_too(floor: Floor) -> None:
    ann = floor.person()
    for lead_id in MARKED:
        floor.put(quote(lead_id, safe=""))
        page = ann.get(f"/leads/{quote(lead_id, safe='')}")
        assert page.status_code == 200
        assert lead_id in text_of(page.text)
        claimed = ann.send("/queue/claim", lead_id=lead_id)
        assert claimed.headers["location"].startswith(f"/queue?lead={quote(lead_id, safe='')}"), lead_id
        ann.send("/queue/release", lead_id=lead_id)
    lost = floor.stranger().get("/leads/a%2F%EE%80%80%3F")
    assert lost.headers["location"] == "/sign-in?next=/leads/a%252F%25EE%2580%2580%253F"


def test_scores_that_were_stored_with_all_their_warnings_show_ten(floor: Floor) -> None:
    floor.put("L-1", fields={f"hs_{at}": at for at in range(500)})
    with floor.store.database.writing() as connection:
        connection.exec_driver_sql(
            "UPDATE scores SET warnings = ?", (json.dumps([f"warning {at}" for at in range(500)]),)
        )
    page = floor.person().page("/leads/L-1")
    assert "and 490 more like these" in page
    assert "warning 10" not in page
    assert "Further fields 300" in page
