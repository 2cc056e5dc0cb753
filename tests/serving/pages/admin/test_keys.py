"""Keys on the admin's page: made and shown once, revoked, and when each was used last."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from serving.store import Store, key_uses, keys
from serving.store.keys import Scope
from tests.serving.crm import NOW, Clock
from tests.serving.pages.floor import Floor, Person, opened, text_of
from training.model import ScoringModel


@pytest.fixture
def olga(floor: Floor) -> Person:
    return floor.person("Olga", "admin")


def test_a_key_is_made_shown_once_and_works(floor: Floor, olga: Person) -> None:
    made = olga.send("/admin/keys", name=" Ben ", scope="sales")
    key = re.search(r"<code>(leads_[0-9a-f]{12}_[\w-]{43})</code>", made.text)[1]
    assert (made.status_code, made.headers["cache-control"]) == (200, "no-store")
    assert floor.stranger().client.post("/sign-in", data={"key": key}).status_code == 303
    listed = olga.get("/admin/keys").text
    assert key.split("_", 2)[2] not in listed
    assert "3 live keys" in listed
    assert re.search(r"Ben .*?sales 10:00 not yet Revoke", text_of(listed))


@pytest.mark.parametrize(
    ("name", "said"), [("olga", "A live key has this name"), (" ", "The name cannot be used: expected 1 to 100")]
)
def test_a_name_that_cannot_be_used_is_said_and_stays_in_the_form(olga: Person, name: str, said: str) -> None:
    answer = olga.send("/admin/keys", name=name, scope="report")
    assert (answer.status_code, said in text_of(answer.text)) == (422, True)
    assert f'value="{name}"' in answer.text
    assert 'value="report" checked' in answer.text
    assert "leads_" not in text_of(answer.text)


def test_a_key_is_revoked_with_its_sign_ins_but_not_ones_own(floor: Floor, olga: Person) -> None:
    ann = floor.person()
    shown = olga.act("/admin/keys/revoke", key_id=keys.id_of(floor.key("Ann", "sales")))
    assert "Revoked. Whoever was signed in with it is signed out." in shown
    assert re.search(r"Revoked keys \(1\) Ann [0-9a-f]{12} , sales, made 10:00, revoked 10:00", shown)
    assert ann.get("/queue").status_code == 303
    own = olga.send("/admin/keys/revoke", key_id=keys.id_of(floor.key("Olga", "admin")))
    assert (own.status_code, "you are signed in with this key" in own.text) == (422, True)
    assert "There is no key of this id." in olga.act("/admin/keys/revoke", key_id="no")
    assert olga.send("/admin/keys", name="Eve", scope="root").status_code == 422


def test_the_page_says_when_a_key_was_used_last(either_floor: Floor) -> None:
    floor, later = either_floor, NOW + timedelta(hours=3)
    olga, ann = floor.person("Olga", "admin"), keys.id_of(floor.key("Ann", "sales"))
    for at in (NOW - timedelta(hours=1), NOW):
        floor.store.write_now(key_uses.note, {ann, "erased"}, at)
    floor.clock.now = later
    assert re.search(r"Ann .*?sales 10:00 3 h ago Revoke", olga.page("/admin/keys"))


def test_keys_that_were_used_are_known_after_a_stop(model: ScoringModel, tmp_path: Path, clock: Clock) -> None:
    url = f"sqlite:///{tmp_path}/leads.db"
    with opened(url, model, clock) as floor:
        floor.person("Ann")
        key = floor.key("CRM", "score")
        TestClient(floor.app).get("/v1/schema", headers={"authorization": f"Bearer {key}"})
    store = Store(url)
    used = {key.name: key.last_used_at for key in store.read_now(keys.list_keys)}
    store.database.close()
    assert used == {"CRM": NOW, "Ann": None}  # a sign-in is followed by a page, which counts


def test_only_an_admin_sees_and_does_any_of_it(floor: Floor) -> None:
    scopes: tuple[Scope, ...] = ("team", "report", "score")
    for person in [floor.person(scope=scope) for scope in scopes]:
        for path in ("", "/keys", "/versions", "/versions/1", "/webhooks", "/targets"):
            assert person.get(f"/admin{path}").status_code == 403
        for path in ("keys", "keys/revoke", "webhooks/resend", "versions/promote", "versions/roll-back"):
            assert person.send(f"/admin/{path}", name="Eve", scope="admin").status_code == 403
        assert ">Admin<" not in person.get("/try").text
