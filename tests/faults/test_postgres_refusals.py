"""The store's messages name the cause of a failed connection and the missing right, and never a password."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Thread
from traceback import format_exception
from urllib.parse import urlsplit

import pytest

from tests.bookings import booking, facts_of
from tests.postgres_server import OwnServer, ServerError, ask, open_store
from tests.relay import Relay
from traffic_booking.adapters.postgres import PostgresStore
from traffic_booking.adapters.postgres.driver_errors import ReplyLost
from traffic_booking.adapters.postgres.opening import Address, async_connect, connect
from traffic_booking.domain.errors import InvalidInput, StoreUnavailable
from traffic_booking.persistence._sync.appointment_book import AppointmentBook
from traffic_booking.testing.kit.blocking import finished

PASSWORD = "hidden"
ROLES = """
CREATE ROLE clerk LOGIN PASSWORD 'another';
CREATE ROLE barred LOGIN;
CREATE ROLE crowd LOGIN CONNECTION LIMIT 0;
CREATE ROLE idler NOLOGIN;
CREATE ROLE reader LOGIN;
CREATE DATABASE closed;
REVOKE CONNECT ON DATABASE closed FROM PUBLIC;
"""
GATE = """
local all clerk scram-sha-256
local all barred reject
"""
NOT_CONNECTED = (
    "got no connection; expected a server that answers and lets the role in: check host and port, role and password,"
    " the database's name, pg_hba.conf, TLS, target_session_attrs, and the number of connections"
)
NO_PASSWORD = "got no password; expected the role's, in the address or in a place that libpq reads"
TOO_LATE = "got no answer in time; expected a server that answers at that address"
AGREES_TO_TLS = b"S"


@pytest.fixture(scope="module")
def guarded_url() -> Iterator[str]:
    """The URL of a server that lets some roles in and others not."""
    try:
        made = OwnServer()
    except ServerError as error:
        pytest.skip(f"a server of our own is needed to refuse roles: {error}")
    with closing(made):
        for statement in filter(str.strip, ROLES.split(";")):
            ask(made.url, statement)
        gate = made.data / "pg_hba.conf"
        gate.write_text(GATE + gate.read_text("utf-8"), "utf-8")
        ask(made.url, "SELECT pg_reload_conf()")
        yield made.url


def login(url: str, role: str, database: str = "postgres", password: str = PASSWORD) -> str:
    """`url` with another role, password and database."""
    parts = urlsplit(url)
    return parts._replace(netloc=f"{role}:{password}@", path=f"/{database}").geturl()


def message_of(url: str) -> str:
    """The message to a thread that can't connect. An event loop gets the same, and neither has a password."""
    message = []
    for opener in (connect, lambda address: finished(async_connect(address))):
        with pytest.raises(StoreUnavailable) as caught:
            opener(Address(url, 1))
        assert not isinstance(caught.value, ReplyLost), "nothing was asked"
        assert PASSWORD not in "".join(format_exception(caught.value))
        message.append(str(caught.value))
    one, other = message
    assert one == other
    return one


@pytest.mark.parametrize(
    ("role", "database"),
    [
        pytest.param("reader", "nobodys", id="a missing database"),
        pytest.param("nobody", "postgres", id="a missing role"),
        pytest.param("clerk", "postgres", id="a wrong password"),
        pytest.param("barred", "postgres", id="a role that pg_hba.conf rejects"),
        pytest.param("idler", "postgres", id="a role that may not log in"),
        pytest.param("reader", "closed", id="a database that is closed to the role"),
        pytest.param("crowd", "postgres", id="too many connections"),
    ],
)
def test_a_refused_connection_is_unavailable_with_role_database_and_what_to_check(guarded_url, role, database):
    folder = urlsplit(guarded_url).query.removeprefix("host=")
    url = login(guarded_url, role, database)
    assert message_of(url) == f"postgresql://{role}@{folder}:5432/{database}: {NOT_CONNECTED}"


def test_the_driver_s_own_message_is_the_cause(guarded_url):
    with pytest.raises(StoreUnavailable) as caught:
        connect(Address(login(guarded_url, "reader", "nobodys"), 1))
    assert "nobodys" in str(caught.value.__cause__)


def test_a_missing_password_is_reported_as_one(guarded_url, tmp_path, monkeypatch):
    monkeypatch.setenv("PGPASSFILE", str(tmp_path / "none"))
    assert message_of(login(guarded_url, "clerk", password="")).endswith(NO_PASSWORD)


def test_a_server_of_another_kind_than_requested_is_refused(guarded_url):
    assert message_of(login(guarded_url, "reader") + "&target_session_attrs=standby").endswith(NOT_CONNECTED)


def test_a_server_without_tls_is_reported(postgres_url):
    with closing(Relay(postgres_url)) as relay:
        assert message_of(relay.url_through.replace("sslmode=disable", "sslmode=require")).endswith(NOT_CONNECTED)


@contextmanager
def goes_away(reply: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """The port of a server that sends this and closes, and the first bytes of each client."""
    came: list[bytes] = []

    def answer() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                came.append(client.recv(1_024))
                client.sendall(reply)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=answer, daemon=True).start()
        yield listener.getsockname()[1], came
        listener.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("root", ["/nowhere/ca.pem", "system"])
def test_a_missing_certificate_is_reported(root):
    with goes_away(AGREES_TO_TLS) as (port, _):
        url = f"postgresql://clerk:{PASSWORD}@127.0.0.1:{port}/bookings?sslmode=verify-full&sslrootcert={root}"
        assert message_of(url) == f"postgresql://clerk@127.0.0.1:{port}/bookings: {NOT_CONNECTED}"


@pytest.mark.parametrize(
    "work", [facts_of, lambda store: AppointmentBook(store).commit([booking(1)])], ids=["a read", "a commit"]
)
def test_a_server_that_can_not_be_connected_to_is_tried_once(postgres_url, work):
    with open_store(postgres_url) as store, goes_away(b"") as (port, came):
        store._connections.close_idle()
        store._connections._address = Address(f"postgresql://127.0.0.1:{port}/d?sslmode=disable&gssencmode=disable", 1)
        with pytest.raises(StoreUnavailable, match="got no connection"):
            work(store)
    assert len(came) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "ssl.invalid"])
def test_a_missing_server_is_reported_with_its_address(host):
    message = message_of(f"postgresql://clerk:{PASSWORD}@{host}:1/certificate")
    assert message == f"postgresql://clerk@{host}:1/certificate: {NOT_CONNECTED}"


@pytest.mark.parametrize("tls", ["disable", "prefer"])
def test_a_server_of_another_protocol_is_reported(tls):
    with goes_away(b"HTTP/1.1 400 Bad Request\r\n\r\n") as (port, _):
        assert message_of(f"postgresql://clerk:{PASSWORD}@127.0.0.1:{port}/d?sslmode={tls}").endswith(NOT_CONNECTED)


@pytest.mark.parametrize("mistaken", ["sslmode=requir", "port=99999", "service=nosuch"])
def test_a_value_that_libpq_refuses_is_reported(mistaken):
    assert message_of(f"postgresql://clerk:{PASSWORD}@127.0.0.1/d?{mistaken}").endswith(NOT_CONNECTED)


@pytest.mark.long
def test_a_server_behind_a_silent_relay_is_reported(postgres_url):
    with closing(Relay(postgres_url)) as relay, relay.holding_back():
        assert message_of(relay.url_through).endswith(TOO_LATE)


def fatal(message: str) -> bytes:
    """The last message of a server, in the form of the protocol."""
    fields = b"".join(f"{field}\0".encode() for field in ("SFATAL", "VFATAL", "C57P03", f"M{message}", ""))
    return b"E" + (len(fields) + 4).to_bytes(4, "big") + fields


@pytest.mark.parametrize(
    "message", ["the database system is starting up", "sorry, too many clients already", 'Rolle "x" existiert nicht']
)
def test_the_reason_does_not_depend_on_the_server_s_message_or_language(message):
    with goes_away(fatal(message)) as (port, _):
        url = f"postgresql://127.0.0.1:{port}/bookings?sslmode=disable&gssencmode=disable"
        assert message_of(url).endswith(f"/bookings: {NOT_CONNECTED}")


def test_each_host_is_reported_with_its_port():
    assert Address("postgresql://clerk@a,b:2/bookings", 1).name == "postgresql://clerk@a:5432,b:2/bookings"
    assert Address("host=a,b port=7 user=clerk", 1).name == "postgresql://clerk@a:7,b:7/clerk"


def test_an_address_from_the_environment_is_reported_too(monkeypatch):
    for name, value in {"PGHOST": "h", "PGPORT": "6", "PGUSER": "u", "PGDATABASE": "d", "PGPASSWORD": PASSWORD}.items():
        monkeypatch.setenv(name, value)
    assert Address("postgresql://", 1).name == "postgresql://u@h:6/d"


@pytest.mark.parametrize("mistaken", ["clerk:hid/den@h/d", "clerk:x@hidden@h/d", "clerk:1/hidden@h/d", "h:hidden/d"])
def test_a_password_that_is_not_escaped_is_not_reported_as_another_part(mistaken):
    assert Address(f"postgresql://{mistaken}", 1).name == "postgresql://…"


def test_the_error_does_not_keep_the_message_of_the_driver():
    assert message_of(f"postgresql://clerk:x@{PASSWORD}@127.0.0.1:1/d").startswith("postgresql://…: got ")


def test_a_service_is_reported_as_one(monkeypatch):
    monkeypatch.setenv("PGHOST", "elsewhere")
    assert Address("postgresql://?service=bookings", 1).name == "postgresql://?service=bookings"
    assert Address(f"service='book {PASSWORD}'", 1).name == "postgresql://…"


def test_a_numeric_address_and_a_database_name_that_looks_like_more_are_distinguished():
    assert Address("host=::1 user=u dbname=d", 1).name == "postgresql://u@[::1]:5432/d"
    assert Address(f"host=h user=u dbname='password={PASSWORD}'", 1).name == "postgresql://…"


def test_a_key_that_libpq_does_not_know_is_named():
    with pytest.raises(InvalidInput, match="got the key 'sslmod', which libpq doesn't know"):
        Address("postgresql://clerk@h/d?port=1&sslmod=require", 1)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://clerk:x/y?hidden=1@h/d",
        "postgresql://h/d?hidden-hidden=1",
        "postgresql://h/d?" + "hidden" * 7 + "=1",
        "password=a?hidden=b hidden=c",
        "postgresql://h/d?user=u&password=x&hidden",
        "postgresql://h/d?sslpassword=x&hidden=1",
        "postgresql://h/d?port=%zz&hidden@=1",
    ],
)
def test_a_possible_part_of_a_password_is_no_key(address):
    with pytest.raises(InvalidInput, match="got one that libpq can't read") as caught:
        Address(address, 1)
    assert "hidden" not in str(caught.value)


def test_a_database_that_was_not_migrated_is_reported_to_a_role_that_may_not_migrate(guarded_url):
    ask(guarded_url, "CREATE DATABASE bare TEMPLATE template0 ENCODING 'UTF8'")
    message = (
        "got a schema that lacks 0001_log.sql; expected it whole, as the command traffic-booking migrate makes it, by a"
        " role that may make tables"
    )
    with pytest.raises(StoreUnavailable, match=message):
        PostgresStore(login(guarded_url, "reader", "bare"))


def test_a_missing_right_is_reported_with_the_role(guarded_url):
    with open_store(guarded_url) as store:
        AppointmentBook(store).open_persons()
        ask(guarded_url, "GRANT USAGE ON SCHEMA traffic_booking TO reader")
        ask(guarded_url, "GRANT SELECT ON ALL TABLES IN SCHEMA traffic_booking TO reader")
    with open_store(login(guarded_url, "reader")) as store:
        assert facts_of(store).answer is None
        with pytest.raises(StoreUnavailable) as caught:
            AppointmentBook(store).commit([booking(1)])
    message = str(caught.value)
    assert message.startswith("postgresql://reader@")
    assert "got InsufficientPrivilege (42501); expected a role that may do this" in message


def test_psycopg_without_libpq_is_reported_as_such():
    code = (
        "import ctypes.util; ctypes.util.find_library = lambda name: None\n"
        "from traffic_booking import BookingDesk\n"
        "BookingDesk.open('postgresql://localhost/bookings')"
    )
    message = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PSYCOPG_IMPL": "python"},
        capture_output=True,
        text=True,
        check=False,
    )
    expected = (
        "MissingExtra: the PostgreSQL store needs libpq, PostgreSQL's client library: the system's, or pip install"
    )
    assert expected in message.stderr
