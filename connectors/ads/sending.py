"""Sends statements in batches, patiently: a batch that may not have arrived is sent again under the same ids.

Each answer is recorded before the next batch leaves, so that an export that is cut off goes on where it was.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connectors.ads.config import AdsRefused
from connectors.ads.http_channel import Answer, Channel
from connectors.ads.lead import Statement
from connectors.http_failures import AccessRefused, BatchRefused, NotTaken

Record = Callable[[Sequence[Statement], Sequence[Answer]], None]
LONGEST_WAIT = 120.0
"""Seconds that a platform may ask us to wait for; for more, the export ends and is run again."""
MOST_REFUSED = 5
"""Single statements refused in a row, with none taken yet, after which it is not they that are wrong."""


class SendStopped(AdsRefused):
    """The platform takes nothing now; what was not sent is kept for the next run."""


@dataclass(frozen=True)
class Pace:
    """Seconds to wait after each failed attempt of a batch, and who waits."""

    waits: Sequence[float] = (1.0, 5.0, 20.0, 60.0)
    sleep: Callable[[float], None] = time.sleep


class Sender:
    """Sends through a channel, and records what became of each statement."""

    def __init__(self, channel: Channel, record: Record, pace: Pace) -> None:
        self._channel, self._record, self._pace = channel, record, pace
        self._taken = False
        self._refused_in_a_row = 0

    def send_all(self, statements: Sequence[Statement]) -> None:
        """Send all of them.

        Raises:
            SendStopped: where the platform is away, or takes nothing; what was recorded until then stands.
        """
        for start in range(0, len(statements), self._channel.most):
            self._send(statements[start : start + self._channel.most])

    def _send(self, batch: Sequence[Statement]) -> None:
        """Send a batch; where one statement spoils all, find it by halves."""
        try:
            answers = self._patiently(batch)
        except BatchRefused as refused:
            if len(batch) > 1 and self._channel.one_spoils_all:
                middle = len(batch) // 2
                self._send(batch[:middle])
                self._send(batch[middle:])
                return
            answers = [Answer.refused(str(refused), "")] * len(batch)
        if len(batch) > 1 and self._channel.one_spoils_all and all(one.state == "refused" for one in answers):
            middle = len(batch) // 2
            self._send(batch[:middle])
            self._send(batch[middle:])
            return
        self._check_refusals(answers)
        self._record(batch, answers)

    def _check_refusals(self, answers: Sequence[Answer]) -> None:
        """Stop where nothing at all is taken: then the account or the action is wrong, and not the leads."""
        if any(answer.state != "refused" for answer in answers):
            self._taken, self._refused_in_a_row = True, 0
            return
        self._refused_in_a_row += len(answers)
        if not self._taken and self._refused_in_a_row >= MOST_REFUSED:
            trouble = answers[0].trouble
            raise SendStopped(f"the platform refuses whatever it is sent ({trouble}); check its ids in ads.toml")

    def _patiently(self, batch: Sequence[Statement]) -> Sequence[Answer]:
        for wait in (*self._pace.waits, None):
            try:
                return self._channel.send(batch)
            except AccessRefused as refused:
                raise SendStopped(
                    f"the platform refuses the token ({refused}); nothing of this batch was sent"
                ) from None
            except NotTaken as failed:
                asked = failed.wait or 0.0
                if wait is None or asked > LONGEST_WAIT:
                    later = f" in {asked:.0f} s" if asked > LONGEST_WAIT else " later"
                    raise SendStopped(
                        f"the platform does not take it ({failed.trouble}); run it again{later}"
                    ) from None
                self._pace.sleep(max(wait, asked))
        raise AssertionError("unreachable")
