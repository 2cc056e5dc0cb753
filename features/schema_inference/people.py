"""The columns that tell people who a lead is: its name, company, job, phone and e-mail address."""

from collections.abc import Collection, Iterable, Iterator

from features.schema_inference import column_names, vocabulary
from features.schema_inference.column_names import Lexicon
from features.schema_inference.columns import ColumnProfile
from features.schema_inference.fields import why_names_someone
from features.schema_inference.proposal import Setting
from features.values import Kind

CALLED = {"name": "person", "company": "company", "job": "job", "phone": "phone", "email": "email"}
"""What the lists of names call each role."""
WHY = {
    "name": "who it is, for people to read; never feeds the score",
    "company": "the company, for people to read",
    "job": "the job, for people to read",
    "phone": "whom to call",
    "email": "where to write",
}
KINDS = {"phone": Kind.PHONE, "email": Kind.EMAIL}
IN_ENGLISH = {
    "company": ("company", "company name", "organisation", "organization", "account name", "business name", "employer"),
    "job": ("job title", "job", "job role", "position", "occupation"),
}
"""Beside the names that CRMs have for them."""
_PART_OF_A_NAME = frozenset(["first", "last", "second", "middle", "given", "sur", "surname", "family", "id"])


def propose_people(profiles: Iterable[ColumnProfile], taken: Collection[str], lexicon: Lexicon) -> Iterator[Setting]:
    """A line of [leads] for each role that a column plays by its name, or by what it holds; no column plays two.

    A first name alone is not proposed: pages put it together with the last name by themselves.
    """
    free = [profile for profile in profiles if profile.name not in taken and profile.column.filled.any()]
    for role, called in CALLED.items():
        places = [(place, profile) for profile in free if (place := _place(role, called, profile, lexicon)) is not None]
        _, best = min(places, key=lambda found: found[0], default=(0, None))
        if best is not None:
            free.remove(best)
            yield Setting(role, best.name, WHY[role])


def _place(role: str, called: str, profile: ColumnProfile, lexicon: Lexicon) -> int | None:
    """How likely a column plays a role, 0 the likeliest; None where it does not."""
    if role in KINDS:
        return lexicon.rank(called, profile.name) if profile.kind is KINDS[role] else None
    name = vocabulary.normalise_name(profile.name)
    if profile.kind not in (Kind.CATEGORY, Kind.TEXT) or column_names.is_owner(profile.name):
        return None
    if set(name.split()) & _PART_OF_A_NAME or (role == "name" and not why_names_someone(profile, lexicon)):
        return None  # a "contact" of few values says how somebody was reached, and is a field
    english = IN_ENGLISH.get(role, ())
    return english.index(name) if name in english else lexicon.place(called, profile.name)
