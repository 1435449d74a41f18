"""Checks that docs/reference/http.md lists the operations and the problems of the JSON API; with --write, writes it."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from traffic_booking.web.applications import BOOKING_OPERATIONS
from traffic_booking.web.operations import Operation
from traffic_booking.web.problems import ERRORS, KINDS
from traffic_booking.web.sign_in import operations_of

PAGE: Final = Path("docs/reference/http.md")
HEAD: Final = """\
# The JSON API

The paths of `traffic_booking.web.booking_app` and `sign_in_app`, below the path at which a host mounts them.
`openapi.json` there has the schemas. [Your first portal](../tutorial/your-first-portal.md) shows how to mount them.
`python -m tools.check_http --write` writes this page.

## How to call it

| what | how |
| --- | --- |
| language of texts | `?lang=ar` or `en`; without it the header `Accept-Language`; else Arabic |
| a change | `POST` with JSON and the header `Idempotency-Key`: a new id each, or the same one to send it again |
| a refusal or an error | a problem document (RFC 9457): `kind` names it, and people read its `detail` |
| a broken rule | an entry of `verdicts`: `rule_id`, `message`, `statement`, `observed`, `limit`, `allowed_from` |
| free times, months, the catalogue | an `ETag`; send it as `If-None-Match`, and 304 means that nothing has changed |
| everything personal | `Cache-Control: no-store` |
| a parameter marked with `[]` | may be repeated |
| a request of another site | refused, by `Sec-Fetch-Site` or `Origin`; name further hosts of yours as `origins` |

| bound | value |
| --- | --- |
| body | 64 KiB; 4 MiB for a merge of scans; ten seconds to arrive |
| address | 1,024 characters of path, 4,096 of query |
| headers | 16 KiB together |
| requests of a signed-in person | 240 a minute, from whatever address |
| requests of nobody, by address (IPv6: by network of 64 bits) | 600 a minute; 30 that sign in |

The rates are those of `ProcessRateLimits`, which counts in one process. If several processes share the counts, pass a
`RateLimits` of your own as `rate_limits`.
"""


def rows(operations: tuple[Operation, ...]) -> Iterator[str]:
    """One row for each operation."""
    yield "| request | parameters | body | answer | for | |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for each in operations:
        inside = [name for name in each.parameters if name.name not in each.in_path]
        parameters = ", ".join(f"`{name.name}{'[]' if name.many else ''}`" for name in inside)
        body = ", ".join(f"`{name.name}`" for name in each.body or ())
        answer = ", ".join(f"{status} {schema_name(schema)}".strip() for status, schema in each.answers.items())
        request = f"`{each.method} {each.path}`"
        yield f"| {request} | {parameters} | {body} | {answer} | {each.audience} | {each.summary} |"


def schema_name(schema: Any) -> str:
    """The name of the answer's schema, if it has one."""
    if isinstance(schema, str):
        return f"`{schema}`"
    return f"list of `{schema[0]}`" if isinstance(schema, list) else ""


def page() -> str:
    """The text of the page."""
    by_kind: dict[str, list[str]] = {}
    for error, kind in ERRORS.items():
        by_kind.setdefault(kind, []).append(f"`{error.__name__}`")
    problems = [
        f"| {kind.status} | `{name}` | {kind.title.en} | {', '.join(by_kind.get(name, []))} |"
        for name, kind in sorted(KINDS.items(), key=lambda each: (each[1].status, each[0]))
    ]
    sign_in = operations_of(None)  # type: ignore[arg-type] # the declarations alone are read
    return "\n".join(
        [
            HEAD,
            "## Bookings",
            "",
            "`person`: a signed-in person, their delegate, or staff. `staff`: a clerk of the branch.",
            "",
            *rows(BOOKING_OPERATIONS),
            "",
            "## Sign-in",
            "",
            *rows(sign_in),
            "",
            "## Problems",
            "",
            "| status | kind | | error of the library |",
            "| --- | --- | --- | --- |",
            *problems,
            "",
        ]
    )


def main() -> int:
    """Exit code 0 if the page is current, or written."""
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == page():
        return 0
    print(f"{PAGE}: stale; expected what `.venv/bin/python -m tools.check_http --write` writes")
    return 1


if __name__ == "__main__":
    sys.exit(main())
