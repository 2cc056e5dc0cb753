"""Clients that ask on and on while the champion changes."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count

import httpx2

from serving.app import create_app
from serving.settings import Settings
from tests.serving.models import Models

SWAPS, CLIENTS = 20, 8

Ask = Callable[[httpx2.AsyncClient, str], Awaitable[list[dict]]]
"""Asks once, under a name that occurs once, and returns the scores it is answered."""


async def answers_while_swapping(models: Models, settings: Settings, ask: Ask) -> list[dict]:
    """What eight clients are answered while the champion changes twenty times, between versions 1 and 2."""
    app = create_app(settings, models)
    answers: list[dict] = []
    done = asyncio.Event()

    async def ask_on(client: httpx2.AsyncClient, number: int) -> None:
        turns = count()
        while not done.is_set():
            answers.extend(await ask(client, f"L-{number}-{next(turns)}"))

    async def swap() -> None:
        for turn in range(SWAPS):
            models.champion = "2" if turn % 2 == 0 else "1"
            while app.state.service.scorer.version != models.champion:
                await asyncio.sleep(0.002)
        done.set()

    async with app.router.lifespan_context(app):
        while app.state.service.scorer.version is None:
            await asyncio.sleep(0.002)
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await asyncio.gather(swap(), *(ask_on(client, number) for number in range(CLIENTS)))
    return answers
