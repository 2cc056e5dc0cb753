"""A page that comes in pieces, as over a slow line or from a busy machine: it is drawn once it is whole."""

import asyncio
from collections.abc import Callable

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from analytics.report import Report
from serving.middleware.outer_layers import LayeredApp
from tests.browser.conftest import Shop, Watch, keep_report
from tests.browser.screens import layout_shifts

PAUSE_S = 1.0
"""Long enough for a busy machine to draw the first piece."""
CUTS = {"/leads": b'<div class="who">', "/report": b'<section class="week"'}
"""Where each page is cut, in its head and in its content: what comes next moved what was drawn before it."""


class InPieces:
    """A layer that sends the second half of a page after a while."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cut = CUTS.get(scope.get("path", ""))

        async def send_in_pieces(message: Message) -> None:
            body = message.get("body", b"")
            if cut is None or cut not in body:
                await send(message)
                return
            at = body.index(cut)
            await send({**message, "body": body[:at], "more_body": True})
            await asyncio.sleep(PAUSE_S)
            await send({**message, "body": body[at:]})

        await self._app(_unpacked(scope), receive, send_in_pieces)


def _unpacked(scope: Scope) -> Scope:
    """The same request of a client that takes no gzip, so that the page can be cut."""
    headers = [(name, value) for name, value in scope.get("headers", ()) if name != b"accept-encoding"]
    return {**scope, "headers": headers} if headers else scope


@pytest.mark.parametrize("path", CUTS)
def test_a_page_that_comes_in_pieces_is_not_drawn_before_it_is_whole(
    shop: Shop, open_page: Callable[..., Watch], report: Report, path: str
) -> None:
    assert isinstance(shop.app, LayeredApp)
    shop.app.add_outer_layer(InPieces)
    with keep_report(shop, report):
        olga = open_page(viewport={"width": 1440, "height": 900})
        olga.sign_in(shop.key("Olga", "admin"))
        olga.page.goto(shop.url + path)
        assert layout_shifts(olga.page) == []
