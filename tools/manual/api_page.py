"""The reference of the API, from the OpenAPI document that the service gives."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir
from typing import Any

from serving.app import create_app
from serving.settings import Settings

Document = Mapping[str, Any]

HEAD = """# API

Made from the OpenAPI document that a running service gives at `/openapi.json`; its `/docs` has the same with a
company's own fields, and can try each route. Send a key as `Authorization: Bearer …`; errors are in
[Errors](errors.md#answers-of-the-api).
"""


def api_page() -> str:
    """Every route with what it takes and answers, then the bodies' parts."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        document = create_app(Settings(database_url="sqlite:///leads.db")).openapi()
    routes = [
        line
        for path, methods in document["paths"].items()
        for method, route in methods.items()
        for line in _route(f"{method.upper()} {path}", route)
    ]
    schemas = [
        line for name, schema in sorted(document["components"]["schemas"].items()) for line in _schema(name, schema)
    ]
    return "\n".join([HEAD, "## Routes", "", *routes, "## Bodies", "", *schemas])


def _route(title: str, route: Document) -> Iterator[str]:
    yield from (f"### `{title}`", "", f"**{route['summary']}.** {route.get('description', '')}", "")
    parameters = route.get("parameters", [])
    if parameters:
        yield from ("| parameter | in | type | meaning |", "|---|---|---|---|")
        for one in parameters:
            place = f"{one['in']}, required" if one.get("required") else one["in"]
            yield f"| `{one['name']}` | {place} | {_type(one['schema'])} | {_cell(one.get('description'))} |"
        yield ""
    for media, body in route.get("requestBody", {}).get("content", {}).items():
        yield from (f"Takes `{media}`: {_type(body['schema'])}", "")
    for status, answer in route["responses"].items():
        content = answer.get("content", {})
        body = next((_type(media["schema"]) for media in content.values() if media.get("schema")), "")
        if not status.startswith(("4", "5")):
            yield from (f"Answers {status}: {_cell(answer['description'])}{' with ' if body else ''}{body}", "")
    refusals = [status for status in sorted(route["responses"]) if status.startswith(("4", "5"))]
    yield from (f"Refuses with {', '.join(refusals)}.", "")


def _schema(name: str, schema: Document) -> Iterator[str]:
    yield from (f"### {name}", "", _cell(schema.get("description")), "")
    if "enum" in schema:
        yield from (_type(schema), "")
    if not schema.get("properties"):
        return
    yield from ("| part | type | meaning |", "|---|---|---|")
    for part, content in schema["properties"].items():
        needed = ", required" if part in schema.get("required", ()) else ""
        yield f"| `{part}` | {_type(content)}{needed} | {_cell(content.get('description'))} |"
    yield ""


def _type(schema: Document) -> str:
    """A schema in a few words, linked where it has a name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if parts := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
        return " or ".join(dict.fromkeys(map(_type, parts)))
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), Mapping):
        return f"object of {_type(schema['additionalProperties'])}"
    return " ".join(part for part in (schema.get("type", "any"), schema.get("format", "")) if part)


def _cell(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")
