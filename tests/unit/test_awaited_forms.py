"""The desk for asyncio says what the desk says; the tool that makes it refuses what it can't await."""

import inspect

import pytest

from tools import awaiting
from tools.awaiting import Awaiting, CannotAwaitError, Source
from traffic_booking import AsyncBookingDesk, AsyncWhatIf, BookingDesk, WhatIf

PAIRS = [(BookingDesk, AsyncBookingDesk), (WhatIf, AsyncWhatIf)]


def verbs(desk):
    return {
        name: [
            (each.name, each.kind, repr(each.default).split(" at ")[0].split(".")[-1])
            for each in inspect.signature(method).parameters.values()
        ]
        for name, method in inspect.getmembers(desk, callable)
        if not name.startswith("_")
    }


@pytest.mark.parametrize(("blocking", "awaited"), PAIRS, ids=["desk", "what if"])
def test_both_desks_have_the_same_verbs_with_the_same_arguments(blocking, awaited):
    assert verbs(awaited) == verbs(blocking)
    assert inspect.signature(awaited).parameters.keys() == inspect.signature(blocking).parameters.keys()


@pytest.mark.parametrize(("blocking", "awaited"), PAIRS, ids=["desk", "what if"])
def test_every_verb_is_awaited(blocking, awaited):
    assert [name for name in verbs(awaited) if not inspect.iscoroutinefunction(getattr(awaited, name))] == []


STORE = '''
class Store:
    """A store."""

    def number(self): ...
'''


pytest.importorskip("ruff", reason="tools.awaiting puts what it writes in order with ruff, a development dependency")


@pytest.fixture
def form_of(tmp_path, monkeypatch):
    """The awaited form of a module that uses a store."""

    def form(text):
        (tmp_path / "port.py").write_text(STORE, encoding="utf-8")
        (tmp_path / "module.py").write_text(text, encoding="utf-8")
        sources = (
            Source(module="port", target="async_port", docstring="A port.", all_of=("Store",), renamed={"Store": "A"}),
            Source(module="module", target="awaited", docstring="Awaited.", receivers={"store": "port.Store"}),
        )
        return Awaiting(sources, {}).form_of("module")

    monkeypatch.setattr(awaiting, "PACKAGE", tmp_path)
    return form


def test_what_calls_the_store_is_awaited_and_what_does_not_is_imported_from_where_it_is_written(form_of):
    form = form_of(
        "def doubled(number):\n    return 2 * number\n\n\n"
        "def both(store):\n    return twice(store), doubled(store.number()[0]).real\n\n\n"
        "def twice(store):\n    return [store.number() for _ in range(2)]\n"
    )

    assert "from module import doubled" in form
    assert "return await twice(store), doubled((await store.number())[0]).real" in form
    assert "async def twice(store):\n    return [await store.number() for _ in range(2)]" in form
    assert "def doubled" not in form


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("def numbers(store):\n    yield store.number()\n", "a generator"),
        (
            "def numbers(store):\n    return (store.number() for _ in range(2))\n",
            "a store call in a generator expression",
        ),
        ("def number(store):\n    return lambda: store.number()\n", "a store call in a lambda"),
        ("class Desk:\n    @property\n    def number(self):\n        return self.store.number()\n", "a property"),
    ],
)
def test_what_has_no_awaited_form_is_refused_and_what_has_one_is_named(form_of, text, named):
    with pytest.raises(CannotAwaitError, match=rf"module\.py:\d: got {named}.* has an awaited form"):
        form_of(text)


def test_words_that_are_to_differ_have_to_be_there(tmp_path, monkeypatch):
    monkeypatch.setattr(awaiting, "PACKAGE", tmp_path)
    (tmp_path / "port.py").write_text(STORE, encoding="utf-8")
    source = Source(
        module="port", target="async_port", docstring="A port.", all_of=("Store",), words={"a shop": "another"}
    )

    with pytest.raises(CannotAwaitError, match="expected to find 'a shop'"):
        Awaiting((source,), {}).form_of("port")
