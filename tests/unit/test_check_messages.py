"""The check of messages: every text that an error may carry has Arabic, and no Arabic is left over."""

import pytest

from tools.check_messages import missing, page, unused
from tools.message_sources import sources

MADE = 'return InvalidInput("age", got=got, expected="text")'
WAYS = {
    "a literal": 'raise InvalidInput("age", got="a new fault", expected="text")',
    "a place": 'raise InvalidInput("age", got=f"a new fault of {x}", expected="text")',
    "a local name": 'got = "a new fault" if x else "text"\n    raise InvalidInput("age", got=got, expected="text")',
    "a pair": 'got, expected = "a new fault", "text"\n    raise InvalidInput("age", got=got, expected=expected)',
    "a helper": f'raise made("a new fault")\n\n\ndef made(got):\n    {MADE}',
    "a table": 'raise InvalidInput("age", got=FOUND[x], expected="text")\n\n\nFOUND = {1: "a new fault", 2: "text"}',
    "a default": f'raise made()\n\n\ndef made(got="a new fault"):\n    {MADE}',
    "a field": 'raise InvalidInput("a new fault", got="text", expected="text")',
    "a kind": 'raise NotFound("a new fault", x)',
    "a store": 'raise StoreUnavailable(f"{x}: got a new fault; expected text")',
    "a store's own error": 'raise Own(f"{x}: got text; expected a new fault")\n\n\nclass Own(StoreError):\n    pass',
}


@pytest.mark.long  # `make check` shows it too
def test_every_text_of_the_sources_has_arabic_and_no_arabic_is_left_over():
    found = sources()
    assert [*missing(found), *unused(found)] == []
    assert len(found) > 400


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_new_text_is_found_however_it_reaches_its_error(way, tmp_path):
    (tmp_path / "new.py").write_text(f"def check(x):\n    {way}\n", encoding="utf-8")
    faults = [fault for fault in missing(sources(tmp_path)) if "'age'" not in fault]
    assert len(faults) == 1
    assert "a new fault" in faults[0]
    assert "new.py" in faults[0]


def test_arabic_that_no_source_raises_is_found():
    assert any("'a wrong check digit'" in fault for fault in unused([]))


def test_the_page_lists_every_sentence_in_both_languages():
    assert "| Person id |" not in page()
    assert '| person id | <bdi dir="rtl">رقم الهوية</bdi> |' in page()
