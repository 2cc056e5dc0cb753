"""Changes of a stored lead: what a CRM sends of it, and the whole lead that this makes."""

from features.errors import LeadRefused
from features.schema import ROLES, LeadSchema
from serving.http.merge_patch import apply_merge_patch
from serving.schemas.requests import LeadIn
from serving.schemas.validation import read_lead
from serving.settings import Settings
from serving.store.leads import LeadFacts

MOST_NAMED = 10


def apply_patch(known: LeadFacts, patch: dict[str, object], schema: LeadSchema, settings: Settings) -> LeadIn:
    """The lead that a merge patch makes of a stored one.

    Raises:
        LeadRefused: with everything that is not of a lead's shape then.
    """
    body = apply_merge_patch(_rebuild_body(known, schema), _patch_fields_too(patch, schema))
    assert isinstance(body, dict), "a patch that is an object makes an object"  # noqa: S101 - for the type checker
    return read_lead({"fields": {}, **body}, settings, schema, known.lead_id)


def left_out_warning(names: tuple[str, ...]) -> tuple[str, ...]:
    """What to say of facts that were known before a PUT and are gone after it; nothing where none are."""
    if not names:
        return ()
    more = f" and {len(names) - MOST_NAMED:,} more" if len(names) > MOST_NAMED else ""
    return (
        f"a PUT replaces what was known, so this is gone: {', '.join(names[:MOST_NAMED])}{more}; "
        "send changes alone with PATCH",
    )


def _patch_fields_too(patch: dict[str, object], schema: LeadSchema) -> dict[str, object]:
    """The patch, which takes a role away in the fields too, under the company's name for it."""
    fields = patch.get("fields", {})
    if not isinstance(fields, dict):
        return patch
    taken = {column: None for column, role in schema.role_of.items() if role in patch and patch[role] is None}
    return patch | {"fields": taken | fields}


def _rebuild_body(known: LeadFacts, schema: LeadSchema) -> dict[str, object]:
    """A body that would put the lead as it is: roles stand where the company put them, at the top or in the fields."""
    try:
        implied = schema.parse(known.lead_id, known.fields)
    except LeadRefused:
        implied = schema.parse(known.lead_id, {})
    roles = {role: getattr(known, role) for role in ROLES if getattr(known, role) != getattr(implied, role)}
    if known.created_at is not None and "created_at" in roles:
        roles["created_at"] = known.created_at.isoformat()
    return {**roles, "value": known.value, "fields": dict(known.fields)}
