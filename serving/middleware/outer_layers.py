"""FastAPI with layers of ours before its own: what one of them answers by itself never gets there.

FastAPI's own entry, with its telemetry, limits and error pages, costs a hot request as much as to parse its lead.
"""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


class LayeredApp(FastAPI):
    """FastAPI behind what `add_outer_layer` puts before it."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._outermost: ASGIApp = super().__call__

    def add_outer_layer(self, layer: Callable[..., ASGIApp], **given: Any) -> None:
        """Put a layer before FastAPI and all layers that are there."""
        self._outermost = layer(self._outermost, **given)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._outermost(scope, receive, send)
