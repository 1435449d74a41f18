"""PgBouncer before the server of the tests."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from tests.postgres_server import ask, embedded_user, given_to_embedded_user

PORT = 6432
PATIENCE_SECONDS = 20
SETTINGS = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr =
listen_port = {own_port}
unix_socket_dir = {folder}
auth_type = any
pool_mode = {mode}
default_pool_size = 80
logfile = {folder}/log
"""


@contextmanager
def pooled(url: str, mode: str) -> Iterator[str]:
    """The URL of the same database through PgBouncer in that mode; skips the test if PgBouncer is not installed."""
    program = shutil.which("pgbouncer", path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip("pgbouncer is not installed (apt-get install pgbouncer)")
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [parts.hostname])[0]
    with tempfile.TemporaryDirectory(prefix="pooler-") as name:
        folder = Path(name)
        file = folder / "pgbouncer.ini"
        server = {"host": host, "port": parts.port or 5432, "user": parts.username or "postgres"}
        file.write_text(SETTINGS.format(**server, own_port=PORT, folder=folder, mode=mode))
        given_to_embedded_user(folder)
        process = subprocess.Popen([program, "-q", file], user=embedded_user(), stderr=subprocess.DEVNULL)
        through = f"postgresql://{server['user']}@{parts.path}?host={folder}&port={PORT}"
        try:
            await_answer(through)
            yield through
        finally:
            process.terminate()
            process.wait(PATIENCE_SECONDS)


def await_answer(url: str) -> None:
    """Return once a statement is answered."""
    ends = monotonic() + PATIENCE_SECONDS
    while True:
        with suppress(psycopg.OperationalError):
            ask(url, "SELECT 1")
            return
        assert monotonic() < ends, "PgBouncer does not answer"
        sleep(0.05)
