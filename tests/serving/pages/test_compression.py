"""Pages and files go packed to clients that take gzip."""

import pytest

from serving.pages.compression import accepts_gzip
from tests.serving.pages.floor import Floor

PLAIN = {"accept-encoding": "identity"}


@pytest.mark.parametrize(
    ("header", "is_taken"),
    [
        ("gzip, deflate, br", True),
        ("GZIP;q=0.5", True),
        ("*", True),
        ("*;q=0.1, gzip;q=0", False),
        ("gzip; q=0", False),
        ("gzip;q=much", False),
        ("br", False),
        ("", False),
    ],
)
def test_gzip_is_sent_to_whom_it_may(header: str, is_taken: bool) -> None:
    assert accepts_gzip(header) is is_taken


@pytest.mark.parametrize("path", ["/static/pages.css?v=1", "/static/pages.js?v=1", "/definitions"])
def test_an_answer_is_the_same_packed_or_plain(floor: Floor, path: str) -> None:
    client = floor.person().client
    packed, plain = client.get(path), client.get(path, headers=PLAIN)
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"]) / 2
    assert all("accept-encoding" in answer.headers["vary"].lower() for answer in (packed, plain))


def test_a_packed_file_may_be_kept_and_is_not_sent_again(floor: Floor) -> None:
    client = floor.stranger().client
    answer = client.get("/static/pages.css?v=1")
    assert "immutable" in answer.headers["cache-control"]
    again = client.get("/static/pages.css?v=1", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_a_page_that_shows_what_was_asked_for_is_never_packed(floor: Floor) -> None:
    answer = floor.person().get(f"/search?q={'x' * 1_500}")
    assert "content-encoding" not in answer.headers
