"""The reference of errors: every type that a person may meet, from the code."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import TypeVar

import serving
import training.cluster
from commands.main import COMMANDS
from features.errors import Refused
from serving.errors import Refusal

T = TypeVar("T")

HEAD = """# Errors

[Troubleshooting](../troubleshooting.md) goes by message and says what to do; this is the whole list.

## Answers of the API

Every error is `application/problem+json`: `type` is `urn:leads:problem:` and the kind below, `detail` and `errors` say
what was wrong with this request.

| status | kind | title | when |
|---|---|---|---|
"""
OF_COMMANDS = """
## Refusals of commands

A command that refuses prints `Refused:` and the message, ends with exit code 1, and has changed nothing.

| type | when |
|---|---|
"""


def error_page() -> str:
    """Two tables: the problems of the API by status, the refusals of commands by name."""
    problems = sorted(
        {
            (kind.status, kind.kind, kind.title, first_line(kind))
            for kind in subclasses_of(Refusal)
            if hasattr(kind, "kind")
        }
    )
    api = [f"| {status} | `{kind}` | {title} | {when} |" for status, kind, title, when in problems]
    refusals = sorted((kind.__name__, first_line(kind)) for kind in subclasses_of(Refused))
    return (
        HEAD
        + "\n".join(api)
        + "\n"
        + OF_COMMANDS
        + "\n".join(f"| `{name}` | {when} |" for name, when in refusals)
        + "\n"
    )


def subclasses_of(base: type[T]) -> Iterator[type[T]]:
    """Every error type under one, once all modules that may define one are loaded."""
    for name in COMMANDS:
        importlib.import_module(f"commands.{name.replace('-', '_')}")
    modules = [
        *pkgutil.walk_packages(serving.__path__, "serving."),
        *pkgutil.walk_packages(training.cluster.__path__, "training.cluster."),
    ]
    for module in modules:
        if not module.name.startswith("serving.migrations."):
            importlib.import_module(module.name)
    yield from _below(base)


def _below(base: type[T]) -> Iterator[type[T]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _below(kind)


def first_line(thing: object) -> str:
    """What a docstring says first."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]
