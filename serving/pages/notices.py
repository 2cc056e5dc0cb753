"""What a page says of the action that led to it: the address names it by `said`, and the words are ours."""

from dataclasses import replace

from fastapi import Request

from language.text import gettext as _
from language.text import mark
from serving.pages.views import Notice

NOTICES = {
    "undone": Notice(mark("Taken back. The lead is yours again.")),
    "undone-free": Notice(mark("Taken back. The lead waits again.")),
    "too-late": Notice(mark("That call cannot be changed any more, or it was not yours."), is_refusal=True),
    "full": Notice(
        mark("You have as many leads as one may have at a time. Log a call, or give one back."), is_refusal=True
    ),
    "handed": Notice(mark("Handed over.")),
    "gone": Notice(mark("That lead is not in the queue any more."), is_refusal=True),
    "released": Notice(mark("Given back to the queue.")),
    "other": Notice(mark("The lead that was shown is with somebody else now. This is the next.")),
    "taken": Notice(mark("That lead is with somebody else, or left the queue."), is_refusal=True),
    "none": Notice(mark("Nobody is free to be called now."), is_refusal=True),
    "revoked": Notice(mark("Revoked. Whoever was signed in with it is signed out.")),
    "no-key": Notice(mark("There is no key of this id."), is_refusal=True),
    "resent": Notice(mark("It is sent again: now, or within a minute where it still waits.")),
    "all-resent": Notice(mark("All that were given up are sent again.")),
    "no-event": Notice(mark("There is no such event. Those that arrived are forgotten after a week."), is_refusal=True),
    "promoted": Notice(mark("It is champion now. The service takes it up within LEADS_POLL_SECONDS.")),
    "rolled-back": Notice(
        mark("The champion before is champion again. The service takes it up within LEADS_POLL_SECONDS.")
    ),
    "training": Notice(mark("Started.")),
    "training-busy": Notice(mark("Another training is at work. Start yours once it has ended."), is_refusal=True),
    "training-stops": Notice(mark("It is stopped within seconds.")),
    "training-over": Notice(mark("It had ended already.")),
    "ended": Notice(mark("Your claim had ended already.")),
    "agreed": Notice(mark("Kept. From next Monday on it stands at the top of the report.")),
    "settled": Notice(mark("Kept.")),
    "removed": Notice(mark("Removed.")),
    "no-agreement": Notice(mark("Somebody removed that already."), is_refusal=True),
}
"""What may stand behind `said` in an address: the text is ours, whoever made the link."""


def notice_of(request: Request) -> Notice | None:
    """What the last action came to."""
    notice = NOTICES.get(request.query_params.get("said", ""))
    return replace(notice, text=_(notice.text)) if notice else None
