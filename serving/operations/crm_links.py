"""The CRMs that a process talks to: one API and one circuit breaker for each, whoever asks."""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from connectors.crm.api import CrmApi, expecting_known_shapes
from connectors.crm.circuit_breaker import CircuitBreaker
from connectors.crm.crm import Crm
from connectors.crm.errors import CrmRefused
from connectors.http_failures import AccessRefused, NotTaken
from serving.event_log import log_event

T = TypeVar("T")


class CrmAway(Exception):
    """A CRM that is not asked, or does not answer, until a time in Unix seconds."""

    def __init__(self, trouble: str, until: float) -> None:
        super().__init__(trouble)
        self.trouble, self.until = trouble, until


@dataclass
class CrmLinks:
    """Asks CRMs by the names of their connections, and leaves alone those that are away."""

    crms: Mapping[str, Crm]
    timeout: float = 20.0
    """Seconds that a CRM has for an answer."""
    _breakers: dict[str, CircuitBreaker] = field(default_factory=lambda: defaultdict(CircuitBreaker))
    _apis: dict[str, CrmApi] = field(default_factory=dict)

    def breaker(self, name: str) -> CircuitBreaker:
        """Whether a connection's CRM may be asked."""
        return self._breakers[name]

    async def ask(self, name: str, question: Callable[[CrmApi], T], now: float) -> T:
        """What a CRM's API answers to a question, asked in a thread.

        Raises:
            CrmAway: where it does not answer, refuses the token, or is left alone.
            BatchRefused: where it does not take the question as it is.
        """
        breaker = self.breaker(name)
        if breaker.is_open(now):
            raise CrmAway("the CRM is left alone for a while", breaker.until)
        try:
            found = await run_in_threadpool(self._ask_now, name, question)
        except (NotTaken, AccessRefused, CrmRefused) as failed:
            until = breaker.fail(now, getattr(failed, "wait", None))
            log_event("crm.away", logging.WARNING, connection=name, trouble=str(failed), seconds=round(until - now))
            raise CrmAway(str(failed), until) from None
        breaker.succeed()
        return found

    def close(self) -> None:
        """Let go of all connections."""
        for api in self._apis.values():
            api.close()

    def _ask_now(self, name: str, question: Callable[[CrmApi], T]) -> T:
        if name not in self._apis:
            self._apis[name] = self.crms[name].open_api(timeout=self.timeout)
        with expecting_known_shapes():
            return question(self._apis[name])
