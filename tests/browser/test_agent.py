"""An agent's round in a real browser: by keyboard alone, on a phone, and without script."""

from collections.abc import Callable
from datetime import timedelta

import pytest

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
    assert "Yours, until 10:30 UTC" in ann.text
    assert "+44 20 7946 0018" in ann.text

    ann.press("2", "5", "t", *"ask for Bo", "Tab", *"4")
    ann.go("Control+Enter")
    assert "L-1: reached, call again 11:00 UTC." in ann.text
    assert "L-2" in ann.page.inner_text("h1")
    assert ann.page.evaluate("document.activeElement.id") == "notice"

    ann.press("4", "6")
    ann.go("Enter")
    assert "L-2: lost, No budget." in ann.text
    assert "All caught up" in ann.text

    first, second = shop.lead("L-1"), shop.lead("L-2")
    assert [(call["agent"], call["connected"], call["duration_s"]) for call in first["contacts"]] == [
        ("Ann", True, 240)
    ]
    assert (second["outcome"]["status"], second["outcome"]["reason"]) == ("lost", "No budget")


def test_what_agents_do_all_day_takes_at_most_four_keys_and_is_taken_back_with_one(shop: Shop, open_page: Open) -> None:
    for lead_id in ("L-1", "L-2"):
        shop.put(lead_id, value=990)
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    ann.go("c")
    called = ann.page.inner_text("h1 a")

    again_in_an_hour = ("1", "5", "Enter")
    assert len(again_in_an_hour) <= 4
    ann.press(*again_in_an_hour[:-1])
    ann.go(again_in_an_hour[-1])
    assert f"{called}: not reached, call again 11:00 UTC." in ann.text
    ann.go("z")
    assert "Taken back. The lead is yours again." in ann.text
    assert ann.page.inner_text("h1 a") == called
    assert shop.lead(called)["contacts"] == []

    won = ("3", "Enter")
    assert len(won) <= 4
    ann.press(won[0])
    ann.go(won[1])
    assert f"{called}: won, worth 990." in ann.text
    assert shop.lead(called)["outcome"]["value"] == 990
    ann.go("z")
    assert shop.lead(called)["outcome"] is None or shop.lead(called)["outcome"]["status"] == "open"


def test_keys_can_be_switched_off_and_stay_off(shop: Shop, open_page: Open) -> None:
    shop.put("L-1")
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    ann.press("?")
    ann.page.uncheck("#letters")
    ann.press("Escape")
    ann.page.reload()
    ann.press("c", "?")
    assert "Call next" in ann.text
    assert not ann.page.locator("dialog#keys").is_visible()


def test_a_new_lead_of_the_best_grade_is_announced_and_counted_in_the_title(shop: Shop, open_page: Open) -> None:
    ann = open_page()
    ann.page.clock.install(time=NOW)
    ann.sign_in(shop.key("Ann"))
    assert ann.page.title() == "Queue · Lead scoring"
    shop.clock.now = NOW + timedelta(seconds=5)
    shop.put("L-1")
    ann.page.clock.run_for(11_000)
    ann.page.wait_for_selector("#fresh a")
    assert ann.page.text_content("#fresh").startswith("New A lead: L-1, ")
    assert ann.page.title() == "(1) Queue · Lead scoring"
    ann.page.click("#fresh a")
    assert "L-1" in ann.page.inner_text("h1")


def test_a_lead_is_found_by_the_keyboard(shop: Shop, open_page: Open) -> None:
    shop.put("L-1", fields={"name": "Ada Lovelace"})
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    ann.press("/", *"lovelace")
    ann.go("Enter")
    ann.press("j")
    ann.go("Enter")
    assert "Ada Lovelace" in ann.page.inner_text("h1")


def test_skip_and_give_back_are_a_key_each(shop: Shop, open_page: Open) -> None:
    shop.put("L-1")
    shop.put("L-2")
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    ann.go("n")
    first = ann.page.inner_text("h1 a")
    ann.go("n")
    assert ann.page.inner_text("h1 a") != first
    assert "Also yours" not in ann.text
    ann.go("g")
    assert "Given back to the queue." in ann.text
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
    assert "available again" in ann.text
    assert "Yours" not in ann.text


def test_keys_typed_into_a_form_are_text(shop: Shop, open_page: Open) -> None:
    shop.put("L-1")
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    ann.go("c")
    ann.press("x")
    ann.page.focus("[name=other_reason]")
    ann.press(*"gnwc1")
    assert ann.page.input_value("[name=other_reason]") == "gnwc1"
    ann.press("Escape")
    ann.go("g")
    assert "Given back" in ann.text


def test_a_question_mark_shows_the_keys(shop: Shop, open_page: Open) -> None:
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    ann.press("?")
    assert ann.page.locator("dialog#keys").is_visible()
    ann.press("Enter")  # it closes them, and switches nothing off
    assert ann.page.is_checked("#letters")
    assert not ann.page.locator("dialog#keys").is_visible()


def test_everything_works_without_script(shop: Shop, open_page: Open) -> None:
    shop.put("L-1")
    ann = open_page(java_script_enabled=False)
    ann.page.goto(f"{shop.url}/queue")
    ann.page.fill("#key", shop.key("Ann"))
    ann.page.click("text=Sign in >> nth=-1")
    ann.page.click("button.main")
    ann.page.check("[name=result][value=not_reached]")
    ann.page.click("button[value=stay]")
    assert "Ann: not reached" in ann.text
    ann.page.check("[name=result][value=lost]")
    ann.page.fill("[name=other_reason]", "moved away")
    ann.page.click("text=Log and next")
    assert shop.lead("L-1")["outcome"]["reason"] == "moved away"
    ann.page.click("text=Undo")
    assert "Taken back" in ann.text


def test_on_a_phone_the_claim_button_is_under_the_thumb(shop: Shop, open_page: Open) -> None:
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


LONG = {
    "name": "Maximiliane von Müller-Lüdenscheidt-Wolfersberger",
    "company": "Donaudampfschifffahrtsgesellschaftskapitänswitwenversorgungswerk",
    "e-mail": "maximiliane.von.mueller-luedenscheidt@donaudampfschifffahrtsgesellschaft.example",
    "phone": "+44 20 7946 0018",
}


@pytest.mark.parametrize("width", [1440, 960, 768, 390, 320])
def test_no_page_of_an_agent_scrolls_sideways(shop: Shop, open_page: Open, width: int) -> None:
    shop.put("L-1", fields=LONG, value=1_234_567, source="A source with a very long name of its own")
    shop.put("L-2", fields=LONG, value=1_234_567)
    lea = open_page(viewport={"width": width, "height": 844})
    lea.sign_in(shop.key("Lea, who leads the team", "team"))
    lea.go("c")
    lea.press("4")
    paths = ("/queue", "/queue?lead=L-1", "/leads/L-1", "/day", "/team", "/search?q=max", "/model")
    for path in ("", *paths):
        if path:
            lea.page.goto(shop.url + path)
        too_wide = lea.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert too_wide == 0, (path, width)


def test_the_script_tells_waits_in_the_same_words_as_the_server(shop: Shop, open_page: Open) -> None:
    shop.put("L-1")
    ann = open_page()
    ann.sign_in(shop.key("Ann"))
    seconds = [0, 59, 60, 719, 5_999, 6_000, 7_200, 35_940, 36_000, 172_799, 172_800, 9_999_999]
    assert ann.page.evaluate("all => all.map(duration)", seconds) == [formatting.duration(one) for one in seconds]
