"""Follow docs/tutorial/your-first-portal.md: save its code, start it under uvicorn, and call it as a browser would.

Needs the extras `web` and `tickets`, and `fastapi` and `uvicorn`.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "your-first-portal.md"
ME = {"X-User": "sara"}


@contextmanager
def started(folder: Path) -> Iterator[int]:
    """The port of the server that runs the first code of the tutorial, in that folder."""
    code = re.findall(r"```python\n(.*?)```", TUTORIAL.read_text(encoding="utf-8"), re.DOTALL)[0]
    (folder / "portal.py").write_text(code, encoding="utf-8")
    command = [sys.executable, "-m", "uvicorn", "portal:app", "--port", "0", "--no-use-colors"]
    server = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        for line in server.stderr:
            if found := re.search(r"running on http://127\.0\.0\.1:(\d+)", line):
                yield int(found[1])
                break
        else:
            raise RuntimeError("uvicorn did not start")
    finally:
        server.terminate()
        server.communicate()


def call(port: int, method: str, path: str, sent: object = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
    """The status, the body and the headers of an answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if sent is not None:
        named["Content-Type"] = "application/json"
    connection.request(
        method, path, None if sent is None else json.dumps(sent), {"Accept-Language": "en", **ME, **named}
    )
    answer = connection.getresponse()
    body, kind = answer.read(), answer.headers["Content-Type"]
    connection.close()
    return answer.status, json.loads(body) if "json" in kind else body, dict(answer.headers)


def walk(port: int) -> None:
    """Find, book, book again, print and cancel."""
    _, document, _ = call(port, "GET", "/bookings/openapi.json")
    print(f"{document['info']['title']}: {len(document['paths'])} paths")
    _, found, _ = call(port, "GET", "/bookings/slots?service=licence-renewal&governorate=riyadh&limit=3")
    slot = found["slots"][0]
    print(f"Free: {slot['starts_at']}, {slot['day']['hijri']} AH, {slot['free']} seats")
    sent = {"slot": slot["token"], "agreed": True}
    status, booked, _ = call(port, "POST", "/bookings/appointments", sent, Idempotency_Key="walk-1")
    number = booked["appointment"]["number"]
    print(f"{status}: {booked['kind']}")
    status, again, _ = call(port, "POST", "/bookings/appointments", sent, Idempotency_Key="walk-1")
    print(f"{status}: the same answer: {again == booked}")
    status, refused, _ = call(port, "POST", "/bookings/appointments", sent, Idempotency_Key="walk-2")
    for verdict in refused["verdicts"]:
        print(f"{status}: {verdict['rule_id']}: {verdict['message']}")
    status, ticket, headers = call(port, "GET", f"/bookings/appointments/{number}/ticket?form=pdf&save=true")
    print(f"{status}: {headers['content-type']}, {'a PDF' if ticket.startswith(b'%PDF') else 'no PDF'}")
    status, cancelled, _ = call(port, "POST", f"/bookings/appointments/{number}/cancel", {}, Idempotency_Key="walk-3")
    print(f"{status}: {cancelled['appointment']['state']}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary, started(Path(temporary)) as its_port:
        walk(its_port)
