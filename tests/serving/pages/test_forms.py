"""Forms and markup that are none of ours do nothing."""

import re

import pytest

from tests.serving.pages.floor import Floor, text_of


@pytest.mark.parametrize("action", ["next", "claim", "call", "undo", "correct", "release"])
def test_a_form_without_this_sign_ins_token_does_nothing(floor: Floor, action: str) -> None:
    floor.put("L-1")
    ann = floor.person()
    for token in ({}, {"csrf": ""}, {"csrf": "0" * 64}):
        answer = ann.client.post(f"/queue/{action}", data={"lead_id": "L-1", "result": "won"} | token)
        assert answer.status_code == 403
        assert "load the page again" in text_of(answer.text)
    assert "Call next" in ann.page()
    assert "No call yet" in ann.page("/leads/L-1")


def test_a_token_of_another_sign_in_is_refused(floor: Floor) -> None:
    floor.put("L-1")
    token = re.search(r'name="csrf" value="([^"]+)"', floor.person("Ben").get("/queue").text)
    assert token
    assert floor.person("Ann").client.post("/queue/next", data={"csrf": token[1]}).status_code == 403


def test_a_form_that_is_none_of_ours_is_refused(floor: Floor) -> None:
    ann = floor.person()
    assert ann.client.post("/queue/next", json={"csrf": "x"}).status_code == 422
    assert ann.client.post("/queue/next", data={f"f{n}": "x" for n in range(60)}).status_code == 422
    assert ann.client.post("/queue/next", data={"reason": "x" * 30_000}).status_code == 413


HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "' onmouseover='alert(1)")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_lead_says_is_text_and_never_markup(floor: Floor, text: str) -> None:
    lead_id = text.replace("/", "|")
    fields = {"message": text, text: text, "name": text, "nested": {text: [text]}}
    floor.put(lead_id.replace("?", "%3F").replace("{", "%7B").replace("#", "%23"), source=text, fields=fields)
    ann = floor.person()
    ann.act("/queue/next")
    href = re.search(r'href="(/leads/[^"]+)" data-row', ann.get("/queue").text)
    assert href
    for path in ("/queue", href[1]):
        html = ann.get(path).text
        assert text_of(html).count(text) >= 2
        assert not re.search(r"<script>|<img src=x|[^-]onerror=alert\(1\)>|' onmouseover='", unmarked(html)), html
        assert "49" not in text_of(html).replace(text, "").split()


def unmarked(html: str) -> str:
    """The page's own tags alone, without the text between them."""
    return " ".join(re.findall(r"<[^>]*>", html))


def test_pages_hold_no_inline_script_or_style_and_nothing_from_elsewhere(floor: Floor) -> None:
    floor.put("L-1")
    ann = floor.person()
    ann.act("/queue/next")
    for path in ("/queue", "/leads/L-1", "/model", "/sign-in", "/leads/none"):
        answer = ann.get(path)
        tags = unmarked(answer.text)
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:|(src|href|action)=\"(https?:)?//", tags), path
        assert re.findall(r"<script[^>]*>", tags) == re.findall(r'<script src="/static/[^"]*" defer>', tags)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-store"
