"""FastAPI's own body parameters, read strictly: after the gate, within the settings' limits, and never twice.

FastAPI would read any number of bytes, take NaN, and let the last of two equal keys win.
"""

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel

from serving.auth.gate import Handler, KeyedRoute
from serving.deps import service_of
from serving.http.strict_json import read_json
from serving.schemas.validation import check_limits, check_query, refuse_request


class ParsedRequest(Request):
    """A request whose body was read and parsed."""

    def __init__(self, request: Request, body: bytes, data: object) -> None:
        super().__init__(request.scope, request.receive)
        self._raw, self._data = body, data

    async def body(self) -> bytes:
        return self._raw

    async def json(self) -> object:
        return self._data


class StrictBodyRoute(APIRoute):
    """A route that reads its body strictly where it declares one, and names all that is wrong with a request."""

    def get_route_handler(self) -> Handler:
        handler, model = super().get_route_handler(), _body_model(self)
        accepted = _query_names(self) if self.path.startswith("/v1/") else None

        async def handle_strictly(request: Request) -> Response:
            if accepted is not None and request.scope["query_string"]:
                check_query(request.query_params, accepted)
            if self.body_field is not None:
                settings = service_of(request).settings
                data = await read_json(request, settings)
                if model is not None:
                    check_limits(data, settings)
                request = ParsedRequest(request, request.state.body, data)
            try:
                return await handler(request)
            except RequestValidationError as error:
                raise refuse_request(error.errors(), model) from None

        return handle_strictly


class ApiRoute(KeyedRoute, StrictBodyRoute):
    """A route of the API: the gate first, then the body."""


def _query_names(route: APIRoute) -> frozenset[str]:
    """The query parameters that a route takes: typed ones, and those that a hot route documents by hand."""
    typed = _typed_query_names(route.dependant)
    by_hand = (route.openapi_extra or {}).get("parameters", [])
    return frozenset(typed | {one["name"] for one in by_hand if one["in"] == "query"})


def _typed_query_names(dependant: Dependant) -> set[str]:
    """The query parameters of a route's function and of all that it depends on."""
    inherited = (_typed_query_names(part) for part in dependant.dependencies)
    return {field.alias for field in dependant.query_params}.union(*inherited)


def _body_model(route: APIRoute) -> type[BaseModel] | None:
    """The model that a route's body is validated by; None where the route's dependencies check plain data."""
    declared = None if route.body_field is None else route.body_field.field_info.annotation
    return declared if isinstance(declared, type) and issubclass(declared, BaseModel) else None
