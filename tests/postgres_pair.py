"""Two PostgreSQL servers, one the synchronous standby of the other, run by `docs/how-to/run-with-a-standby.md`."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import psycopg

from tests.postgres_server import ask, embedded_program, embedded_user, given_to_embedded_user

GUIDE: Final = Path(__file__).resolve().parents[1] / "docs" / "how-to" / "run-with-a-standby.md"
NAMES: Final = ("one", "two")
PATIENCE_SECONDS: Final = 300
LOOK_SECONDS: Final = 0.02
SENDERS: Final = "SELECT pid FROM pg_stat_replication"


def settings(title: str) -> str:
    """The settings of the guide under the comment `title`."""
    [found] = re.findall(rf"```ini\n# {title}\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def statements(title: str) -> list[str]:
    """The SQL statements of the guide under the comment that begins with `title`."""
    [found] = re.findall(rf"```sql\n-- {title}: [^\n]*\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    return [line for line in found.splitlines() if line]


class Server:
    """One of the two, in a folder of its own; it listens on a socket there."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self.data, self.socket = folder / f"{name}.data", folder / name
        self.socket.mkdir()
        given_to_embedded_user(self.socket)

    @property
    def url(self) -> str:
        """The URL of its database `postgres`."""
        return f"postgresql://postgres@/postgres?host={self.socket}"

    def make(self) -> None:
        """Make an empty primary with the settings of the guide."""
        self.run(
            "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--no-locale", "-U", "postgres", "-D", self.data
        )
        self.set("both servers")
        self.start()

    def set(self, title: str) -> None:
        """Add settings of the guide, which count from the next start or reload on."""
        with (self.data / "postgresql.conf").open("a") as file:
            file.write(settings(title))

    def start(self) -> None:
        """Start it, and return once it lets clients in."""
        options = f"-h '' -k {self.socket} -c cluster_name={self.name}"
        self.run("pg_ctl", "start", "-w", "-D", self.data, "-o", options, "-l", self.socket / "log")

    def crash(self) -> None:
        """End it without a checkpoint, and without a message to its clients."""
        with suppress(subprocess.CalledProcessError):  # it does not run
            self.run("pg_ctl", "stop", "-D", self.data, "-m", "immediate")

    def ask_all(self, title: str) -> list[tuple[Any, ...]]:
        """Run statements of the guide, each by itself; return the rows of the last one."""
        rows: list[tuple[Any, ...]] = []
        for statement in statements(title):
            rows = ask(self.url, statement)
        return rows

    def copy_of(self, primary: "Server") -> None:
        """Become a new standby of `primary`, from a base backup."""
        shutil.rmtree(self.data, ignore_errors=True)
        source = f"host={primary.socket} user=booking_standby"
        self.run(
            "pg_basebackup", "--no-sync", "-D", self.data, "--write-recovery-conf", "--checkpoint=fast", "-d", source
        )
        self.start()

    def rewind_to(self, primary: "Server") -> None:
        """Become a standby of `primary` again, with what has differed since."""
        primary.ask_all("the rewind")
        source = f"host={primary.socket} user=booking_standby dbname=postgres"
        self.run("pg_rewind", "--no-sync", "-D", self.data, f"--source-server={source}", "--write-recovery-conf")
        self.start()

    def run(self, program: str, *arguments: str | Path) -> None:
        """Run a program of PostgreSQL, as a user who may."""
        with tempfile.TemporaryFile("w+") as output:  # a server that is started keeps a pipe open
            command = [embedded_program(program), *arguments]
            try:
                subprocess.run(
                    command, check=True, stdout=output, stderr=output, timeout=PATIENCE_SECONDS, user=embedded_user()
                )
            except subprocess.CalledProcessError as error:
                output.seek(0)
                error.add_note(output.read())
                raise


class Pair:
    """A primary and its synchronous standby, which change places in each failover."""

    def __init__(self, folder: Path) -> None:
        self.servers = tuple([Server(folder, name) for name in NAMES])
        self.primary, self.standby = self.servers

    @property
    def url(self) -> str:
        """The URL of desks: both servers, and the one that takes writes."""
        hosts = ",".join(str(each.socket) for each in self.servers)
        return f"postgresql://postgres@/postgres?host={hosts}&target_session_attrs=read-write"

    def make(self) -> None:
        """Start both."""
        self.primary.make()
        self.primary.ask_all("the role")
        self.standby.copy_of(self.primary)
        for each in self.servers:
            each.set("both servers, once the standby runs")
        self.await_standby()

    def await_standby(self) -> None:
        """Let the primary wait for the standby again, and return once the standby has everything."""
        for each in self.servers:
            each.ask_all("the return")
        [check] = statements("the check")
        until(self.primary, check.rstrip(";"), [("quorum",)])
        ask(self.primary.url, "SELECT pg_logical_emit_message(true, 'tests', ''::text)")  # waits for the standby

    def promote(self) -> float:
        """Make the standby the primary; return the moment, on the machine's steady clock."""
        self.primary, self.standby = self.standby, self.primary
        self.primary.ask_all("the failover")
        return monotonic()

    @contextmanager
    def sender_stopped(self) -> Iterator[None]:
        """Within it, the primary sends nothing to the standby. Ends with the crash of the primary."""
        senders = [pid for (pid,) in ask(self.primary.url, SENDERS)]
        for pid in senders:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in senders:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.primary.crash()


@contextmanager
def running_pair() -> Iterator[Pair]:
    """Two new servers in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="pair-") as name:
        folder = Path(name)
        given_to_embedded_user(folder)
        pair = Pair(folder)
        try:
            pair.make()
            yield pair
        finally:
            for each in pair.servers:
                each.crash()


def until(server: Server, question: str, expected: list[tuple[Any, ...]]) -> None:
    """Return once the server gives that answer."""
    ends = monotonic() + PATIENCE_SECONDS
    while True:
        with suppress(psycopg.OperationalError):
            if ask(server.url, question) == expected:
                return
        assert monotonic() < ends, f"{question} never was {expected}"
        sleep(LOOK_SECONDS)
