"""The sealer: every committed entry becomes a leaf once, from stores that it only reads."""

from collections.abc import Callable
from threading import Event, Thread

import pytest

from tests.desks import open_desk
from tests.people import ME, YOU
from tests.sealed_logs import key_of, public, verifies
from traffic_booking import (
    Checkpoint,
    InvalidInput,
    LogUnreadable,
    Sealer,
    StoreBehindLog,
    StoreError,
    StoreUnavailable,
    StoreUnreadable,
    System,
)
from traffic_booking.adapters.log_folder import LogFolder, LogFolderWriter
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.signing_keys import SigningKeys, read_public_keys
from traffic_booking.adapters.sqlite import SqliteStore
from traffic_booking.application import sealing
from traffic_booking.application.sealed_log import SealedLog
from traffic_booking.application.sealing import LogSealer
from traffic_booking.domain.audit.feed import BEGINNING
from traffic_booking.domain.sealing.proofs import extends
from traffic_booking.domain.sealing.tiles import LONGEST_LEAF
from traffic_booking.persistence.leaves import entry_of, leaf_of
from traffic_booking.persistence.marks import marked
from traffic_booking.ports.primitives import Append, LogPage, StoreChange

KEY = key_of(1)


class FixedKey:
    """A signer whose key is always the same."""

    public_keys = (public(KEY),)

    def sign(self, data):
        return KEY.sign(data)


class Kept:
    """A witness that keeps what it gets, and may fail."""

    def __init__(self, fails: Callable[[], StoreError | None] = lambda: None):
        self.name = "kept"
        self.notes = list[bytes]()
        self.last: Checkpoint | None = None
        self.fails = fails

    def submit(self, checkpoint, note, proof_from):
        if (error := self.fails()) is not None:
            raise error
        if self.last is not None:
            before, after = ((each.size, each.root) for each in (self.last, checkpoint))
            assert extends(before, after, proof_from(self.last.size))
        self.last = checkpoint
        self.notes.append(note)


def append(store, *bodies, stream="stream"):
    for body in bodies:
        assert store.commit([StoreChange(entries=(Append(stream, "k", body),))]) == [None]


def trim(store, *streams):
    assert store.commit([marked(StoreChange(trims=streams))]) == [None]


def entries_of(store):
    return store.feed(BEGINNING, limit=100_000).entries


def sealer_of(store, files, witnesses=(), pause=lambda _: None, signer=None):
    return LogSealer(
        store, files, signer or FixedKey(), verifies, origin="example.org/log", witnesses=witnesses, pause=pause
    )


def leaves_in(folder):
    return [*SealedLog(LogFolder(folder), FixedKey.public_keys, verifies).verified_leaves()]


@pytest.fixture
def store():
    return MemoryStore()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "log"


@pytest.fixture
def files(folder):
    with LogFolderWriter(folder) as opened:
        yield opened


def test_every_entry_is_a_leaf_in_the_order_of_the_feed(store, files, folder):
    append(store, *(f'{{"n":{n}}}' for n in range(700)))
    report = sealer_of(store, files).seal()

    assert (report.sealed, report.checkpoint.size, report.is_new) == (700, 700, True)
    assert leaves_in(folder) == [*map(leaf_of, entries_of(store))]


def test_a_new_log_of_an_empty_store_has_a_checkpoint(store, files, folder):
    report = sealer_of(store, files).seal()

    assert (report.sealed, report.checkpoint.size, report.is_new) == (0, 0, True)
    assert leaves_in(folder) == []


def test_nothing_is_sealed_twice_however_often_it_runs(store, files, folder):
    sealer = sealer_of(store, files)
    for count in (0, 1, 3, 252, 1, 300, 1):
        append(store, *["{}"] * count)
        assert sealer.seal().sealed == count
        assert sealer_of(store, files).seal().sealed == 0, "another sealer goes on from the folder"
        assert leaves_in(folder) == [*map(leaf_of, entries_of(store))]


def test_checkpoints_are_signed_only_if_something_was_added(store, files, folder):
    sealer = sealer_of(store, files)
    append(store, "{}", "{}")
    for _ in range(3):
        sealer.seal()
    append(store, "{}")
    sealer.seal()

    assert [each.size for each in SealedLog(LogFolder(folder), FixedKey.public_keys, verifies).checkpoints()] == [
        0,
        2,
        3,
    ]


def test_a_long_run_signs_checkpoints_on_its_way(store, files, folder, monkeypatch):
    monkeypatch.setattr(sealing, "CHECKPOINT_SECONDS", 0.0)
    append(store, *["{}"] * 2_500)
    sealer_of(store, files).seal()

    sizes = [each.size for each in SealedLog(LogFolder(folder), FixedKey.public_keys, verifies).checkpoints()]
    assert sizes == [0, 1_000, 2_000, 2_500]


def test_entries_that_come_while_it_runs_are_left_for_the_next_run(store, files, folder):
    class Busy:
        def __getattr__(self, name):
            return getattr(store, name)

        def feed(self, after, *, limit):
            page = store.feed(after, limit=limit)
            append(store, *["{}"] * 1_500)
            return page

    append(store, *["{}"] * 1_500)
    assert sealer_of(Busy(), files).seal().sealed == 2_000, "whole pages, up to what was there at first"


def test_an_entry_that_was_trimmed_before_it_was_sealed_has_no_leaf(store, files, folder):
    append(store, "{}", stream="short")
    append(store, "{}", stream="long")
    trim(store, "short")
    sealer_of(store, files).seal()

    assert [entry_of(leaf).stream for leaf in leaves_in(folder)] == ["long", "records"]


@pytest.mark.parametrize("again", [False, True])
def test_sealed_entries_may_be_trimmed(store, files, folder, again):
    sealer = sealer_of(store, files)
    append(store, *["{}"] * 3, stream="short")
    sealer.seal()
    trim(store, "short")
    append(store, "{}", stream="long")
    sealer = sealer_of(store, files) if again else sealer
    assert sealer.seal().sealed == 2
    trim(store, "long")
    assert sealer.seal().sealed == 1


def test_the_trim_may_stand_before_what_it_trims(store, files):
    """On PostgreSQL the transaction that trims may have the smaller number."""
    sealer = sealer_of(store, files)
    assert store.commit([StoreChange(entries=(Append("u", "k", '{"change":{"trim":["short"]}}'),))]) == [None]
    append(store, "{}", stream="short")
    sealer.seal()
    assert store.commit([StoreChange(trims=("short",))]) == [None]

    assert sealer.seal().sealed == 0


def test_a_trim_that_the_feed_does_not_show_yet_is_waited_for(store, files):
    append(store, "{}", stream="short")
    sealer = sealer_of(store, files)
    sealer.seal()
    assert store.commit([StoreChange(trims=("short",))]) == [None]
    waits = []

    def pause(seconds):
        waits.append(seconds)
        if len(waits) == 3:
            trim(store, "short")

    sealer = sealer_of(store, files, pause=pause)
    assert sealer.seal().sealed + sealer.seal().sealed == 1
    assert len(waits) == 3


def test_entries_that_vanished_without_a_mark_are_noticed(store, files, folder):
    append(store, "{}", stream="short")
    sealer_of(store, files).seal()
    assert store.commit([StoreChange(trims=("short",))]) == [None]
    append(store, '{"change":{"trim":7}}', '{"trim":["short"]}')

    with pytest.raises(StoreBehindLog, match="a store without the last sealed entries, which nothing has removed"):
        sealer_of(store, files).seal()
    assert len(leaves_in(folder)) == 1


def test_a_store_that_is_older_than_the_log_is_refused(store, files, folder):
    append(store, *["{}"] * 20)
    sealer_of(store, files).seal()
    for count in (0, 1, 10, 19):
        older = MemoryStore()
        append(older, *["{}"] * count)
        with pytest.raises(StoreBehindLog, match="got a store that has not reached the last sealed entry"):
            sealer_of(older, files).seal()
    assert len(leaves_in(folder)) == 20


@pytest.mark.parametrize("place", [5, 12, 19])
def test_another_store_is_refused(store, files, folder, place):
    append(store, *["{}"] * 20)
    sealer_of(store, files).seal()
    other = MemoryStore()
    append(other, *['{"n":1}' if n == place else "{}" for n in range(40)])

    with pytest.raises(StoreBehindLog, match="other entries than those sealed"):
        sealer_of(other, files).seal()
    assert len(leaves_in(folder)) == 20


def test_a_store_that_can_not_be_read_is_not_called_old(store, files):
    append(store, "{}")
    sealer_of(store, files).seal()

    class Damaged(MemoryStore):
        def feed(self, after, *, limit):
            if limit:
                raise StoreUnreadable("log: got a damaged page; expected a sound one")
            return LogPage([], entries_of(store)[-1].position)

    with pytest.raises(StoreUnreadable, match="a damaged page"):
        sealer_of(Damaged(), files).seal()


def test_an_entry_that_is_too_long_for_a_leaf_is_named(store, files, folder):
    append(store, f'{{"a":"{"x" * LONGEST_LEAF}"}}')

    with pytest.raises(StoreUnreadable, match=r"log: got an entry of 65\d\d\d bytes; expected at most 65535") as raised:
        sealer_of(store, files).seal()
    assert (raised.value.collection, raised.value.key, raised.value.position) == ("log", "stream", (1, 1))
    assert leaves_in(folder) == []


def test_a_run_that_failed_is_repeated_from_the_last_checkpoint(store, files, folder, monkeypatch):
    sealer = sealer_of(store, files)
    sealer.seal()
    append(store, *["{}"] * 300)
    with monkeypatch.context() as patched:
        patched.setattr(files, "publish", lambda *_, **__: (_ for _ in ()).throw(StoreUnavailable("log: got no room")))
        with pytest.raises(StoreUnavailable):
            sealer.seal()

    assert sealer.seal().sealed == 300
    assert leaves_in(folder) == [*map(leaf_of, entries_of(store))]


def test_partial_files_are_removed_once_the_full_ones_are_published(store, files, folder):
    sealer = sealer_of(store, files)
    for count in (3, 200, 100):
        append(store, *["{}"] * count)
        sealer.seal()

    assert sorted(each.name for each in (folder / "tile/0").iterdir()) == ["000", "001.p"]
    assert sorted(each.name for each in (folder / "tile/entries").iterdir()) == ["000", "001.p"]


def test_the_signer_may_replace_its_key(store, files, folder, tmp_path):
    key = tmp_path / "log.key"
    sealer_of(store, files, signer=SigningKeys.open(key)).seal()
    append(store, "{}")
    sealer_of(store, files, signer=SigningKeys.rotate(key)).seal()

    log = SealedLog(LogFolder(folder), read_public_keys(f"{key}.pub"), verifies)
    assert [each.size for each in log.checkpoints()] == [0, 1]
    with pytest.raises(LogUnreadable, match="no signature of the given keys"):
        sealer_of(store, files, signer=FixedKey()).seal()


def test_a_signer_whose_signatures_do_not_hold_is_refused(store, files):
    class Wrong(FixedKey):
        def sign(self, data):
            return bytes(64)

    with pytest.raises(InvalidInput, match="signer: got another signature"):
        sealer_of(store, files, signer=Wrong()).seal()
    assert files.checkpoint() is None


def test_every_witness_gets_the_checkpoint_and_a_failing_one_stops_nothing(store, files):
    errors = [StoreUnavailable("got no answer"), LogUnreadable("witness: got another log")]
    good, bad = Kept(), Kept(lambda: errors.pop(0) if errors else None)
    sealer = sealer_of(store, files, [bad, good])
    append(store, "{}")
    first = sealer.seal()
    append(store, "{}")
    second, third = sealer.seal(), sealer.seal()

    assert [each.error and each.error("en").split(".")[1] for each in first.witnesses] == [" Reason: no answer", None]
    assert [bool(each.error) for each in second.witnesses] == [True, False]
    assert [each.error for each in third.witnesses] == [None, None], "it gets the same checkpoint later"
    assert bad.last == good.last == second.checkpoint
    assert second.checkpoint.size == 2


def test_a_sealer_follows_a_store_until_it_is_stopped(store, files, folder):
    append(store, "{}")
    stop, reports, second = Event(), [], Event()

    def report(result):
        reports.append(result)
        if len(reports) == 1:
            append(store, "{}", "{}")
        elif len(reports) > 1:
            second.set()

    running = Thread(target=lambda: sealer_of(store, files).follow(stop, every_seconds=0.001, report=report))
    running.start()
    assert second.wait(60)
    stop.set()
    running.join(60)

    assert [each.sealed for each in reports[:2]] == [1, 2]
    assert len(leaves_in(folder)) == 3


def test_a_store_that_is_unavailable_is_tried_again(store, files):
    class Flaky:
        calls = 0

        def feed(self, after, *, limit):
            self.calls += 1
            if self.calls == 1:
                raise StoreUnavailable("got a busy store")
            return store.feed(after, limit=limit)

    stop, reports = Event(), []

    def report(each):
        reports.append(each)
        if len(reports) == 2:
            stop.set()

    sealer_of(Flaky(), files).follow(stop, every_seconds=0, report=report)

    assert [type(each).__name__ for each in reports] == ["StoreUnavailable", "SealReport"]


def test_a_sealer_that_meets_another_store_ends(store, files):
    append(store, "{}")
    sealer_of(store, files).seal()

    with pytest.raises(StoreBehindLog):
        sealer_of(MemoryStore(), files).follow(Event(), every_seconds=0)


def test_a_desk_in_a_file_is_sealed_while_it_is_in_use(tmp_path):
    url, log, key = f"sqlite:///{tmp_path / 'b.db'}", tmp_path / "log", tmp_path / "log.key"
    desk = open_desk(store=SqliteStore(tmp_path / "b.db"))
    slots = desk.find_slots(service="renewal", limit=5)
    with Sealer.open(url, log=log, key=key) as sealer:
        for place, person in enumerate((ME, YOU)):
            assert desk.book(slots[place], applicant=person, agreed=True, request_id=f"r-{place}")
            assert sealer.seal().sealed
        assert not desk.book(slots[3], applicant=ME, agreed=True, request_id="refused")
        desk.maintenance.prune(by=System())
        size = sealer.seal().checkpoint.size
    feed = desk.store.feed(BEGINNING, limit=1_000).entries
    desk.store.close()

    assert key.stat().st_mode & 0o777 == 0o600
    log_again = SealedLog(LogFolder(log), read_public_keys(f"{key}.pub"), verifies)
    assert [*log_again.verified_leaves()] == [*map(leaf_of, feed)]
    assert len(feed) == size
    assert {entry_of(leaf).kind for leaf in log_again.leaves()} >= {"booked", "registered", "refused"}


def test_a_store_that_is_not_there_is_neither_made_nor_sealed(tmp_path):
    with pytest.raises(StoreUnavailable, match="got no file"):
        Sealer.open(f"sqlite:///{tmp_path / 'typo.db'}", log=tmp_path / "log", key=tmp_path / "log.key")
    assert [*tmp_path.iterdir()] == []


def test_a_store_in_memory_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="memory://, which is empty"):
        Sealer.open("memory://", log=tmp_path / "log", key=tmp_path / "log.key")


@pytest.mark.parametrize("witness", ["", "ftp://example.org/", "https://", "https://a:b@example.org/", "none", 7])
def test_a_witness_that_can_not_be_used_is_refused_before_anything_is_made(tmp_path, witness):
    SqliteStore(tmp_path / "b.db").close()
    with pytest.raises(InvalidInput, match="witness"):
        Sealer.open(f"sqlite:///{tmp_path / 'b.db'}", log=tmp_path / "log", key=tmp_path / "k", witnesses=[witness])
    assert not (tmp_path / "log").exists()
