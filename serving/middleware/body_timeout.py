"""A request's body must arrive within a time, however it trickles in; else the route is told, and answers 408."""

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.errors import BodyTooSlow


class BodyTimeout:
    """ASGI middleware; the time starts when the route begins to read."""

    def __init__(self, app: ASGIApp, seconds: float) -> None:
        self.app, self.seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        deadline: float | None = None
        arrived = False

        async def receive_in_time() -> Message:
            nonlocal deadline, arrived
            if arrived:  # what is awaited after the body is that the client leaves
                return await receive()
            deadline = deadline or asyncio.get_running_loop().time() + self.seconds
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise too_slow(self.seconds) from None
            arrived = not message.get("more_body", False)
            return message

        await self.app(scope, receive_in_time, send)


def too_slow(seconds: float) -> BodyTooSlow:
    """The refusal of a body that did not arrive in time."""
    return BodyTooSlow(f"a body must arrive within {seconds:g} seconds", headers={"Connection": "close"})


async def receive_within(receive: Receive, seconds: float) -> Message:
    """The next message. A timer, which costs as much as to read a lead, is set only where it is not there yet.

    Raises:
        TimeoutError: where it does not come in time.
    """
    begun: Any = receive()
    try:
        awaited = begun.send(None)
    except StopIteration as arrived:
        message: Message = arrived.value
        return message
    async with asyncio.timeout(seconds):
        return await _go_on(begun, awaited)


@coroutine
def _go_on(begun: Coroutine[Any, Any, Message], awaited: object) -> Generator[Any, Any, Message]:
    """The result of a coroutine that was begun by hand and waits for something."""
    try:
        yield awaited
    except BaseException:  # a cancellation, most of all
        begun.close()
        raise
    return (yield from begun)
