"""XML from strangers: no document types, hence no entities of their own, neither external nor billions of laughs."""

from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from connectors.crm.errors import MessageBroken

__all__ = ["Element", "parse_xml"]


def parse_xml(body: bytes) -> Element:
    """The root of a document, names with their {namespace}; raises `MessageBroken`."""
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda name, attributes: builder.start(_name(name), _names(attributes))
    parser.EndElementHandler = lambda name: builder.end(_name(name))
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat has no names for its arguments
        return builder.close()
    except (expat.ExpatError, AssertionError, ValueError, LookupError):  # the last: an encoding that is not known
        raise MessageBroken("expected XML") from None


def _refuse_doctype(*_: object) -> NoReturn:
    raise MessageBroken("expected XML without a document type")


def _name(name: str) -> str:
    return "{" + name if "}" in name else name


def _names(attributes: dict[str, str]) -> dict[str, str]:
    return {_name(name): value for name, value in attributes.items()}
