"""The help and the faults of a command line in Arabic."""

import re

import pytest

from traffic_booking.cli.app import app
from traffic_booking.cli.arabic_help import COMMANDS, OPTIONS


def command_names():
    """The commands and their subcommands, each as the words to type."""
    for name in app:
        if not name.startswith("-"):
            yield (name,)
            yield from ((name, below) for below in app[name] if not below.startswith("-"))


@pytest.mark.long
def test_the_help_of_every_command_is_in_arabic_if_that_is_asked_for(shell, monkeypatch):
    def missing(page):
        lines = [line for line in page.splitlines() if line.strip(" \u2066\u2067\u2068\u2069")]
        english = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
        return [line for line in lines if english.search(line) and not line.startswith("طريقة الاستخدام")]

    pages: dict[tuple[str, ...], str] = {(): shell("--help", "--language", "ar").out}
    for name in command_names():
        pages[name] = shell(*name, "--help", "--language=ar").out
    assert {name: missing(page) for name, page in pages.items() if missing(page)} == {}
    monkeypatch.setenv("TRAFFIC_BOOKING_LANGUAGE", "ar")
    assert shell("slots", "--help").out == pages["slots",]
    assert shell("slots", "--help", "--language", "en").out.startswith("Usage: ")


@pytest.mark.long
def test_the_arabic_help_names_no_option_and_no_command_that_is_gone(shell):
    pages = {name: shell(*name, "--help").out for name in command_names()}
    assert set(COMMANDS) - {"", "--help", "--version"} == {" ".join(name) for name in pages}
    for key in OPTIONS:
        *command, option = key.split()
        among = [pages[tuple(command)]] if command else pages.values()
        assert any(option in page for page in among), key


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("nowhere",), "قيمة «الأمر» غير مقبولة: الأمر غير المعروف nowhere. المطلوب: واحد من: demo، branches"),
        (
            ("slots", "--service", "x", "--nix", "1"),
            "قيمة «خيارات الأمر» غير مقبولة: الخيار غير المعروف --nix. المطلوب: خيار من خيارات هذا الأمر",
        ),
        (("slots",), "لم تُدخل قيمة «--service». المطلوب: قيمة. أدخلها ثم أعد المحاولة. (للمساعدة --help)"),
        (
            ("slots", "--service", "x", "--limit", "many"),
            "قيمة «--limit» غير مقبولة: 'many'. المطلوب: عدد صحيح",
        ),
    ],
)
def test_a_command_line_that_does_not_fit_is_refused_in_arabic(shell, arguments, expected):
    answer = shell(*arguments, "--language", "ar")
    assert answer.code == 2
    assert expected in re.sub("[\u2066-\u2069]", "", answer.err)
    message = shell(*arguments, "--language", "ar", "--json").form["error"]["message"]
    assert expected.partition(" (")[0] in re.sub("[\u2066-\u2069]", "", message)
