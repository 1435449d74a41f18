"""Witnesses: folders, servers and lines that keep checkpoints, and what they refuse."""

import socket
from base64 import b64decode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from tests.sealed_logs import ORIGIN, key_of, naive_root, public, sealed, signed, verifies
from traffic_booking.adapters.witnesses import LONGEST_REPLY, FolderWitness, HttpWitness, LineWitness, line_of
from traffic_booking.application.sealed_log import SealedLog
from traffic_booking.domain.errors import InvalidInput, LogUnreadable, StoreUnavailable
from traffic_booking.domain.sealing.checkpoints import checkpoint_in
from traffic_booking.domain.sealing.notes import read_note
from traffic_booking.domain.sealing.proofs import extends

KEY = key_of(1)
LEAVES = [f"leaf {place}".encode() for place in range(300)]


def log_of(size, leaves=LEAVES):
    return SealedLog(sealed(leaves[:size], KEY), [public(KEY)], verifies)


def submit(witness, log):
    witness.submit(log.newest, log.note, log.consistency_proof)


@pytest.fixture
def folder(tmp_path):
    return FolderWitness(tmp_path)


def notes_in(path):
    [file] = path.iterdir()
    assert file.name == "example.org_log.checkpoints"
    return file.read_bytes()


def test_a_folder_keeps_every_checkpoint_once(folder, tmp_path):
    logs = [log_of(size) for size in (0, 3, 3, 260, 300)]
    for log in logs:
        submit(folder, log)

    assert notes_in(tmp_path) == b"".join(dict.fromkeys(log.note for log in logs))


def test_a_folder_refuses_a_log_that_does_not_extend_its_checkpoint(folder, tmp_path):
    submit(folder, log_of(260))
    before = notes_in(tmp_path)
    forged = [b"forged", *LEAVES[1:]]
    for log in (log_of(3), log_of(260, forged), log_of(300, forged)):
        with pytest.raises(LogUnreadable, match="got a checkpoint of 260 entries; expected one that this log extends"):
            submit(FolderWitness(tmp_path), log)
    assert notes_in(tmp_path) == before


def test_a_folder_drops_a_torn_checkpoint(folder, tmp_path):
    submit(folder, log_of(3))
    [file] = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole + log_of(5).note[:50])
    submit(folder, log_of(7))

    assert file.read_bytes() == whole + log_of(7).note


def test_a_folder_with_another_file_in_the_place_is_an_error(folder, tmp_path):
    (tmp_path / "example.org_log.checkpoints").mkdir()
    with pytest.raises(StoreUnavailable, match="got Is a directory; expected a folder that can be written"):
        submit(folder, log_of(3))


def test_a_folder_with_other_content_is_an_error(folder, tmp_path):
    (tmp_path / "example.org_log.checkpoints").write_bytes(b"text\n\n\xe2\x80\x94 log AAAAAAA=\n")
    with pytest.raises(LogUnreadable, match="got another text"):
        submit(folder, log_of(3))


@pytest.mark.parametrize("path", ["", "none", 7, "a\0b", "x" * 300])
def test_a_folder_that_is_not_there_is_refused(tmp_path, monkeypatch, path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidInput, match="witness"):
        FolderWitness(path)


def test_a_line_has_all_of_a_checkpoint_and_is_written_once():
    lines = list[str]()
    witness = LineWitness(lines.append)
    for size in (3, 3, 4):
        submit(witness, log_of(size))

    assert lines == [line_of(log_of(size).newest) for size in (3, 4)]
    assert lines[0].split(" ")[:2] == [ORIGIN, "3"]


class Server:
    """A witness of C2SP: it keeps the last checkpoint, and checks the proof."""

    def __init__(self):
        self.last = None
        self.answers = []
        self.bodies = []
        self.held = Event()

    def answer(self, body):
        """The status and the body of the answer to a checkpoint."""
        self.bodies.append(body)
        if self.answers:
            return self.answers.pop(0)
        head, _, note = body.partition(b"\n\n")
        old, *proof = head.decode().split("\n")
        checkpoint = checkpoint_in(read_note(note))
        known = self.last.size if self.last else 0
        if int(old.removeprefix("old ")) != known:
            return 409, f"{known}\n".encode()
        before = (known, self.last.root if self.last else naive_root([]))
        if not extends(before, (checkpoint.size, checkpoint.root), [*map(b64decode, proof)]):
            return (409, f"{known}\n".encode()) if known == checkpoint.size else (422, b"")
        self.last = checkpoint
        return 200, b"\xe2\x80\x94 witness.example AAAAAAA=\n"


@contextmanager
def served(server):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            status, reply = server.answer(self.rfile.read(int(self.headers["Content-Length"])))
            if status == "silence":
                server.held.wait(60)
                return
            self.send_response(status)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_):
            pass

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=running.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}/add-checkpoint"
    finally:
        server.held.set()
        running.shutdown()
        thread.join()
        running.server_close()


@pytest.fixture
def server():
    return Server()


@pytest.fixture
def url(server):
    with served(server) as address:
        yield address


def test_a_server_gets_each_checkpoint_with_a_proof(server, url):
    witness = HttpWitness(url)
    for size in (0, 3, 3, 260, 300):
        submit(witness, log_of(size))
        assert server.last == log_of(size).newest
    assert [body.split(b"\n")[0] for body in server.bodies] == [b"old 0", b"old 0", b"old 3", b"old 3", b"old 260"]


def test_a_new_process_asks_the_server_for_its_size(server, url):
    submit(HttpWitness(url), log_of(3))
    submit(HttpWitness(url), log_of(260))
    submit(HttpWitness(url), log_of(260))

    assert server.last.size == 260
    assert [body.split(b"\n")[0] for body in server.bodies] == [b"old 0", b"old 0", b"old 3", b"old 0", b"old 260"]


@pytest.mark.parametrize("size", [3, 260, 300])
def test_a_server_that_knows_another_log_is_reported(server, url, size):
    submit(HttpWitness(url), log_of(260))
    with pytest.raises(LogUnreadable, match="expected one that this log extends"):
        submit(HttpWitness(url), log_of(size, [b"forged", *LEAVES[1:]]))
    assert server.last == log_of(260).newest


@pytest.mark.long
@pytest.mark.parametrize("status", [301, 307, 400, 403, 404, 500, 503])
def test_another_answer_is_a_failure_and_no_redirection_is_followed(server, url, status):
    server.answers = [(status, b"")]
    with pytest.raises(StoreUnavailable, match=f"got status {status}; expected one from 200 to 299"):
        submit(HttpWitness(url), log_of(3))
    assert len(server.bodies) == 1


@pytest.mark.long
@pytest.mark.parametrize("reply", [b"", b"x", b"-1", b"0", b"9" * 21, b"1\n2\n", b"\xd9\xa3"])
def test_a_conflict_without_a_size_is_reported(server, url, reply):
    server.answers = [(409, reply)]
    with pytest.raises(LogUnreadable, match="got status 409"):
        submit(HttpWitness(url), log_of(3))


def test_a_long_answer_is_not_read_into_memory(server, url):
    server.answers = [(200, b"x" * (4 * LONGEST_REPLY))]
    submit(HttpWitness(url), log_of(3))


def test_a_silent_server_is_left_in_time(server, url):
    server.answers = [("silence", b"")]
    with pytest.raises(StoreUnavailable, match="expected an answer in time"):
        submit(HttpWitness(url, timeout_seconds=0.2), log_of(3))


def test_a_server_that_answers_byte_by_byte_is_left_in_time():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop = Event()

        def drip():
            connection, _ = listening.accept()
            with connection:
                try:
                    while not stop.wait(0.02):
                        connection.sendall(b"H")
                except OSError:
                    pass

        dripping = Thread(target=drip)
        dripping.start()
        with pytest.raises(StoreUnavailable, match="expected an answer in time"):
            submit(HttpWitness(f"http://127.0.0.1:{listening.getsockname()[1]}/", timeout_seconds=0.3), log_of(3))
        stop.set()
        dripping.join()


def test_no_server_is_a_failure():
    with pytest.raises(StoreUnavailable, match="got Connection refused"):
        submit(HttpWitness("http://127.0.0.1:9/"), log_of(3))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "witness.example",
        "ftp://witness.example/",
        "file:///etc/passwd",
        "https://",
        "https://me:secret@witness.example/",
        "https://witness.example:99999/",
        "https://witness.example/a b",
        "https://witness.example/\r\nX: y",
        "https://[::1/",
        "https://witness.example/" + "x" * 2_048,
        None,
    ],
)
def test_another_address_is_refused(url):
    with pytest.raises(InvalidInput, match="witness") as raised:
        HttpWitness(url)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize("seconds", [0, 61, True, "1"])
def test_a_time_out_of_bounds_is_refused(seconds):
    with pytest.raises(InvalidInput, match="timeout_seconds"):
        HttpWitness("https://witness.example/", timeout_seconds=seconds)


def test_a_query_of_an_address_is_sent_but_not_named(server, url):
    witness = HttpWitness(f"{url}?token=secret")
    submit(witness, log_of(3))

    assert "secret" not in witness.name
    assert signed(3, naive_root(LEAVES[:3]), KEY) in server.bodies[0]
