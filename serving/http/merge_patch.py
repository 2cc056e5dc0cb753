"""JSON merge patch (RFC 7396): what is sent replaces, null takes away, objects are merged, the rest stays."""

MEDIA_TYPE = "application/merge-patch+json"


def apply_merge_patch(target: object, patch: object) -> object:
    """The target with the patch applied; neither is changed."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = apply_merge_patch(result.get(name), value)
    return result
