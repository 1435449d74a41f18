"""A relay in front of a server, which breaks every connection after so many bytes, or stops its traffic."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread
from urllib.parse import parse_qs, quote, urlsplit

CHUNK = 256
PATIENCE_SECONDS = 120


class Relay:
    """Between clients and the server at `url`: `url_through` is the URL of the relay."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: set[socket.socket] = set()
        self._lock = Lock()
        self._passes_on = Event()
        self._passes_on.set()
        self._left: int | None = None
        """How many more bytes go through; None for any number."""
        Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """The port at which the relay listens on 127.0.0.1."""
        port: int = self._listener.getsockname()[1]
        return port

    def may_pass(self, data: bytes) -> bool:
        """True if `data` goes on to the server or the client; False breaks this connection alone."""
        return True

    @property
    def url_through(self) -> str:
        """The same database through the relay."""
        parts = self._parts
        user = f"{quote(parts.username)}:{quote(parts.password or '')}@" if parts.username else ""
        host, port = self._listener.getsockname()
        return f"postgresql://{user}{host}:{port}{parts.path}?sslmode=disable&gssencmode=disable"

    @contextmanager
    def breaking_after(self, chunks: int) -> Iterator[None]:
        """Within it, connections break for good after that many times 256 bytes, to either side."""
        with self._lock:
            self._left = chunks * CHUNK
        try:
            yield
        finally:
            with self._lock:
                self._left = None

    @contextmanager
    def holding_back(self) -> Iterator[None]:
        """Within it, connections stay and are made, but nothing goes through; the relay sends it on afterwards."""
        self._passes_on.clear()
        try:
            yield
        finally:
            self._passes_on.set()

    def close(self) -> None:
        """End the relay and its connections."""
        self._listener.close()
        self._break()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self._left is not None and self._left <= 0:
                    client.close()
                    continue
                server = self._connect()
                with self._lock:
                    self._open |= {client, server}
                for one, other in ((client, server), (server, client)):
                    Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _connect(self) -> socket.socket:
        folder = parse_qs(self._parts.query).get("host", [None])[0]
        if folder is None:
            return socket.create_connection((self._parts.hostname, self._parts.port or 5432), PATIENCE_SECONDS)
        server = socket.socket(socket.AF_UNIX)
        server.connect(f"{folder}/.s.PGSQL.{self._parts.port or 5432}")
        return server

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                self._passes_on.wait()
                with self._lock:
                    may_pass = self._left is None or self._left > 0
                    if self._left is not None:
                        self._left -= len(data)
                if not may_pass:
                    self._break()
                    break
                if not self.may_pass(data):
                    break
                target.sendall(data)
        for end in (source, target):
            _shut(end)

    def _break(self) -> None:
        with self._lock:
            ends, self._open = self._open, set()
        for end in ends:
            _shut(end)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
