"""What a real browser must not be made to do: sign in with a wrong key, act for another site, run a lead's script."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from tests.browser.conftest import Shop, Watch

Open = Callable[..., Watch]

HOSTILE = "<script>window.hit = 1</script>\"><img src=x onerror='window.hit = 2'>"


def test_a_wrong_key_does_not_sign_in(shop: Shop, open_page: Open) -> None:
    ann = open_page()
    ann.sign_in("leads_000000000000_wrong")
    assert "It may have been revoked." in ann.page.inner_text("[role=alert]")
    ann.page.goto(f"{shop.url}/queue")
    assert ann.page.url.startswith(f"{shop.url}/sign-in")
    ann.complaints.remove(next(told for told in ann.complaints if "401" in told))


INJECT = """() => {
  const script = document.createElement("script");
  script.textContent = "window.hit = 1";
  document.body.append(script);
}"""


@pytest.mark.parametrize("token", ["", "0" * 64])
def test_a_form_with_a_wrong_token_is_refused(shop: Shop, open_page: Open, token: str) -> None:
    shop.put("L-1")
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    ann.page.evaluate("token => document.querySelectorAll('[name=csrf]').forEach(f => { f.value = token })", token)
    ann.go("c")
    assert "load the page again" in ann.text
    ann.complaints.remove(next(told for told in ann.complaints if "403" in told))
    assert shop.lead("L-1")["queue"]["claim_id"] is None


def test_a_hostile_lead_is_shown_as_text_and_not_run(shop: Shop, open_page: Open) -> None:
    hostile_id = HOSTILE.replace("/", "|")
    fields = {"message": HOSTILE, HOSTILE: HOSTILE, "name": HOSTILE, "e-mail": HOSTILE, "phone": HOSTILE}
    shop.put(quote(hostile_id, safe=""), source=HOSTILE, campaign=HOSTILE, fields=fields)
    ann = open_page()
    ann.sign_in(shop.key(HOSTILE))
    assert HOSTILE in ann.page.inner_text(".who")
    ann.go("c")
    assert HOSTILE in ann.page.inner_text("h1")
    assert hostile_id in ann.page.inner_text("h1")
    assert HOSTILE in ann.page.inner_text(".known")
    ann.press("Escape", "j")
    ann.go("Enter")
    assert HOSTILE in ann.text
    ann.press("x")
    ann.page.fill("[name=other_reason]", HOSTILE)
    ann.page.fill("[name=note]", HOSTILE)
    ann.go("Control+Enter")
    assert f"lost, {HOSTILE}" in ann.page.inner_text("#notice")
    ann.page.goto(f"{shop.url}/leads/{quote(hostile_id, safe='')}")
    assert HOSTILE in ann.page.inner_text(".told")
    assert ann.page.evaluate("window.hit") is None
    assert ann.page.locator("main img[src=x]").count() == 0


def test_the_policy_stops_a_script_that_got_in(shop: Shop, open_page: Open) -> None:
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    ann.page.evaluate(INJECT)
    assert ann.page.evaluate("window.hit") is None
    assert any("Content Security Policy" in told for told in ann.complaints)
    ann.complaints.clear()
