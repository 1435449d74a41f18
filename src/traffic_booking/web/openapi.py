"""The OpenAPI 3.1 document of operations, made from their declarations and from `data/values.schema.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final

from traffic_booking.web.operations import Operation, Parameter
from traffic_booking.web.problems import KINDS, MEDIA_TYPE

_REFERENCE: Final = "#/components/schemas/"
_NULLABLE_TEXT: Final = {"type": ["string", "null"]}
_PROBLEM: Final = {"$ref": f"{_REFERENCE}Problem"}
BROKEN: Final = {
    "type": "object",
    "description": "A broken rule, in the language of the request.",
    "properties": {
        "rule_id": {"type": "string"},
        "message": {"type": "string", "description": "For the applicant: what is wrong, and what to do."},
        "statement": {"type": "string", "description": "The rule."},
        "observed": {"type": ["string", "integer", "null"]},
        "limit": {"type": ["string", "integer", "null"]},
        "allowed_from": _NULLABLE_TEXT,
    },
    "required": ["rule_id", "message", "statement", "observed", "limit", "allowed_from"],
    "additionalProperties": False,
}
PROBLEM: Final = {
    "type": "object",
    "description": "A problem document (RFC 9457). Texts are in the language of the request.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "kind": {"type": "string", "enum": [*KINDS]},
        "field": {"type": "string", "description": "The value that is wrong."},
        "fault": {"type": "string", "description": "Why a sign-in failed."},
        "allowed_from": _NULLABLE_TEXT,
        "verdicts": {
            "type": "array",
            "description": "Each broken rule, in the documented order.",
            "items": {"$ref": f"{_REFERENCE}Broken"},
        },
        "alternatives": {"type": "array", "items": {"$ref": f"{_REFERENCE}AvailableSlot"}},
    },
    "required": ["type", "title", "status", "detail", "kind"],
    "additionalProperties": False,
}
STATUS_WORDS: Final = {
    200: "Done",
    201: "Made",
    204: "Done, without content",
    304: "Not changed",
    400: "A value is malformed, or missing",
    401: "Nobody is signed in",
    403: "The actor may not do this, or another site sent the request",
    404: "A name is unknown, or the appointment isn't the actor's",
    408: "The body took too long to arrive",
    409: "Refused by rules",
    413: "The body is too large",
    414: "The address is too long",
    415: "The body is not JSON",
    422: "The id of the request was used for another request",
    429: "Too many requests; the header Retry-After has the seconds to wait",
    431: "The headers are too large",
    500: "An unexpected error",
    501: "An optional part is not installed",
    503: "The store does not answer; send the same request again",
}


def openapi(operations: Iterable[Operation], *, title: str, server: str = "/") -> dict[str, Any]:
    """The document of operations that are served below the path `server`."""
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": version("traffic-booking"),
            "description": "A model of the public process, not an official service.",
        },
        "servers": [{"url": server or "/"}],
        "paths": paths,
        "components": {"schemas": dict(sorted(_components(paths).items()))},
    }


def _operation(operation: Operation) -> dict[str, Any]:
    in_query = [each for each in operation.parameters if each.name not in operation.in_path]
    parameters = [_parameter(each, "path") for each in operation.parameters if each.name in operation.in_path]
    parameters += [_parameter(each, "query") for each in in_query]
    parameters.append({"name": "lang", "in": "query", "schema": {"type": "string", "enum": ["ar", "en"]}})
    if operation.has_id:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "description": "A new id for each request, and the same one if the request is sent again.",
                "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
            }
        )
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": _AUDIENCES[operation.audience],
        "parameters": parameters,
        "responses": {str(status): each for status, each in _answers(operation)},
    }
    if operation.body is not None:
        schema = {
            "type": "object",
            "properties": {each.name: _described(each) for each in operation.body},
            "required": [each.name for each in operation.body if each.required],
            "additionalProperties": False,
        }
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return found


_AUDIENCES: Final = {
    "anybody": "Anybody may call it.",
    "person": "For a signed-in person, their delegate, or staff.",
    "staff": "For staff alone.",
}


def statuses(operation: Operation) -> frozenset[int]:
    """The statuses of all answers of an operation."""
    found = {*operation.answers, 400, 414, 429, 431, 500, 503, *operation.further}
    if operation.cached:
        found.add(304)
    if operation.audience != "anybody":
        found |= {401, 403}
    if operation.body is not None:
        found |= {403, 408, 413, 415}
    if operation.method == "DELETE":
        found.add(403)
    if operation.has_id:
        found |= {409, 422}
    return frozenset(found)


def _answers(operation: Operation) -> Iterator[tuple[int, Any]]:
    for status in sorted(statuses(operation)):
        answer: dict[str, Any] = {"description": STATUS_WORDS[status]}
        if status in operation.answers:
            schema = operation.answers[status]
            types = operation.answer_types or (("application/json",) if schema is not None else ())
            if types:
                answer["content"] = {each: {"schema": _schema(schema)} for each in types}
        elif status >= 400:  # noqa: PLR2004 - a problem
            answer["content"] = {MEDIA_TYPE: {"schema": _PROBLEM}}
        yield status, answer


def _parameter(parameter: Parameter, place: str) -> dict[str, Any]:
    schema = dict(parameter.schema)
    if place == "path":
        schema.setdefault("minLength", 1)
    if parameter.many:
        schema = {"type": "array", "items": schema, "maxItems": 100}
    found = {"name": parameter.name, "in": place, "required": parameter.required, "schema": schema}
    return found | ({"description": parameter.about} if parameter.about else {})


def _described(parameter: Parameter) -> dict[str, Any]:
    schema = _schema(parameter.schema)
    return schema | ({"description": parameter.about} if parameter.about else {})


def _schema(given: Any) -> dict[str, Any]:
    """A schema: the name of a class, a list with one, or a schema with such names in it."""
    if isinstance(given, str):
        return {"$ref": f"{_REFERENCE}{given}"}
    if isinstance(given, list):
        return {"type": "array", "items": _schema(given[0])}
    found = dict(given)
    for name in ("oneOf", "allOf"):
        if name in found:
            found[name] = [_schema(each) for each in found[name]]
    if "items" in found:
        found["items"] = _schema(found["items"])
    if "properties" in found:
        found["properties"] = {name: _schema(each) for name, each in found["properties"].items()}
    return found


@cache
def _values() -> Mapping[str, Any]:
    text = files("traffic_booking").joinpath("data", "values.schema.json").read_text(encoding="utf-8")
    found: Mapping[str, Any] = json.loads(text.replace("#/$defs/", _REFERENCE))["$defs"]
    return found


def _components(paths: Any) -> dict[str, Any]:
    """The schemas that the paths name, and those that these name."""
    found: dict[str, Any] = {"Broken": BROKEN, "Problem": PROBLEM}
    waiting = [*_named(paths), *_named(PROBLEM)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _values()[name]
            waiting += _named(found[name])
    return found


def _named(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield schema["$ref"].removeprefix(_REFERENCE)
        for each in schema.values():
            yield from _named(each)
    elif isinstance(schema, list):
        for each in schema:
            yield from _named(each)
