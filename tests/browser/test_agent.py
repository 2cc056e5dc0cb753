"""An agent's round in a real browser: by keyboard alone, on a phone, and without script."""

from collections.abc import Callable
from datetime import timedelta

from serving.pages import formatting
from tests.browser.conftest import Shop, Watch
from tests.serving.crm import NOW

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
Open = Callable[..., Watch]


def test_an_agent_works_a_whole_round_by_keyboard_alone(shop: Shop, open_page: Open) -> None:
    shop.put("L-1")
    shop.put("L-2", source="social")
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    assert "Call next" in ann.text

    ann.go("c")
    assert "Yours, until 10:30" in ann.text
    assert "+44 20 7946 0018" in ann.text

    ann.press("l", "Space", "Tab", *"4", "Tab")
    ann.page.keyboard.type("in 1 hour")
    ann.press("Shift+Tab")
    ann.go("Enter")
    assert "The call is logged" in ann.text
    assert "Ann: reached, 4 min; to be called again 11:00" in ann.text

    ann.press("w", *"1250")
    ann.go("Enter")
    assert "Recorded as won." in ann.text

    assert "Call next" in ann.text
    ann.go("c")
    assert "L-2" in ann.page.inner_text("h1")
    ann.press("x", *"too dear")
    ann.go("Enter")
    assert "Nobody to call now" in ann.text

    first, second = shop.lead("L-1"), shop.lead("L-2")
    assert (first["outcome"]["status"], first["outcome"]["value"]) == ("won", 1250)
    assert [(call["agent"], call["connected"], call["duration_s"]) for call in first["contacts"]] == [
        ("Ann", True, 240)
    ]
    assert (second["outcome"]["status"], second["outcome"]["reason"]) == ("lost", "too dear")


def test_next_and_give_back_are_a_key_each(shop: Shop, open_page: Open) -> None:
    shop.put("L-1")
    shop.put("L-2")
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    ann.go("c")
    ann.go("n")
    assert "Also yours" in ann.text
    ann.go("g")
    assert "Given back to the queue." in ann.text
    ann.go("g")
    assert "Call next" in ann.text


def test_the_table_is_walked_and_claimed_from_by_keyboard(shop: Shop, open_page: Open) -> None:
    for number in (1, 2, 3):
        shop.put(f"L-{number}")
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    ann.press("j", "j", "j", "k")
    assert ann.page.evaluate("document.activeElement.textContent") == "L-2"
    ann.go("c")
    assert "L-2" in ann.page.inner_text("h1")
    ann.press("j")
    ann.go("Enter")
    assert ann.page.url.endswith("/leads/L-1")


def test_a_claim_that_runs_out_while_the_page_is_open_is_no_longer_called_the_agent_s(
    shop: Shop, open_page: Open
) -> None:
    shop.put("L-1")
    ann = open_page()
    ann.page.clock.install(time=NOW)
    ann.sign_in(shop.key("Ann"))
    ann.go("c")
    assert "Yours, until 10:30" in ann.text
    assert "yours" in ann.text
    ann.page.clock.fast_forward("30:15")
    assert "No longer yours: the claim ran out" in ann.text
    assert "free again" in ann.text
    assert "Yours" not in ann.text


def test_keys_typed_into_a_form_are_text(shop: Shop, open_page: Open) -> None:
    shop.put("L-1")
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    ann.go("c")
    ann.press("x", *"gnwc")
    assert ann.page.input_value("[name=reason]") == "gnwc"
    ann.press("Escape")
    ann.go("g")
    assert "Given back" in ann.text


def test_a_question_mark_shows_the_keys(shop: Shop, open_page: Open) -> None:
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    ann.press("?")
    assert ann.page.locator("dialog#keys").is_visible()
    ann.press("Escape")
    assert not ann.page.locator("dialog#keys").is_visible()


def test_everything_works_without_script(shop: Shop, open_page: Open) -> None:
    shop.put("L-1")
    ann = open_page(java_script_enabled=False)
    ann.page.goto(f"{shop.url}/queue")
    ann.page.fill("#key", shop.key("Ann"))
    ann.page.click("text=Sign in >> nth=-1")
    ann.page.click("button.main")
    ann.page.check("[name=connected][value=no]")
    ann.page.click("text=Log the call")
    assert "Ann: not reached" in ann.text
    ann.page.click("summary:has-text('Lost')")
    ann.page.fill("[name=reason]", "no budget")
    ann.page.click("text=Record as lost")
    assert shop.lead("L-1")["outcome"]["reason"] == "no budget"


def test_on_a_phone_the_claim_button_is_under_the_thumb_and_nothing_overflows(shop: Shop, open_page: Open) -> None:
    for number in range(12):
        shop.put(f"L-{number}")
    ann = open_page(**PHONE)
    ann.page.goto(f"{shop.url}/queue")
    ann.page.fill("#key", shop.key("Ann"))
    ann.page.tap("button.main")
    box = ann.page.locator("button.main").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 844
    assert box["height"] >= 44
    for path in ("/queue", "/leads/L-1", "/model"):
        ann.page.goto(shop.url + path)
        assert ann.page.evaluate("document.documentElement.scrollWidth") <= 390, path


def test_the_script_tells_waits_in_the_same_words_as_the_server(shop: Shop, open_page: Open) -> None:
    shop.put("L-1")
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    seconds = [0, 59, 60, 719, 5_999, 6_000, 7_200, 35_940, 36_000, 172_799, 172_800, 9_999_999]
    assert ann.page.evaluate("all => all.map(duration)", seconds) == [formatting.duration(one) for one in seconds]
    for waited in (720, 7_200):
        for promise in (", promised 15 min", ", promised 2 h", ", promised by tomorrow 09:00", ""):
            told = ann.page.evaluate("([s, p]) => waiting(duration(s), p)", [waited, promise])
            assert told == formatting.waiting(NOW, NOW + timedelta(seconds=waited), promise)
