"""A place is found by any spelling of its name that people type."""

import re
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from traffic_booking import Language, NameMatch, shipped_catalogue
from traffic_booking.domain.places.finding import folded_words
from traffic_booking.domain.spelling.similar import SHORTEST_MISTYPED

CATALOGUE = shipped_catalogue()
PLACES: list[tuple[Any, str]] = [(each, each.code) for each in CATALOGUE.regions]
PLACES += [(each, each.id) for each in CATALOGUE.governorates] + [(each, each.id) for each in CATALOGUE.branches]
SAME_LETTERS = ("اأإآٱ", "يىی", "ةهہۃ", "كک", "وؤ")
MARKS = "\u064b\u064e\u064f\u0650\u0651\u0652\u0670"

LETTERS: tuple[tuple[Language, str], ...] = (("ar", "بتدرسعقلمنهوي"), ("en", "abdehiklmnorstu"))
LONG_WORDS = [
    (its_id, letters, words, number)
    for place, its_id in PLACES
    for language, letters in LETTERS
    for words in (place.name(language).split(),)
    for number, word in enumerate(words)
    if word.isalpha() and len(word) > 5 and len("".join(folded_words(word))) > SHORTEST_MISTYPED
]
"""Each word of a name that keeps letters enough for a correction if it loses one."""


@st.composite
def arabic_spellings(draw, name):
    """A name with other forms of letters, with marks, tatweel and blanks, with and without articles and the hamza."""
    words = name.split()
    for place, word in enumerate(words):
        if re.match(r"ال\w{2}", word) and draw(st.booleans()):
            words[place] = word.removeprefix("ال")
    typed = []
    for letter in draw(st.sampled_from((" ", "  ", "\u00a0", "\u200f "))).join(words):
        if letter == "ء" and draw(st.booleans()):
            continue
        row = next((row for row in SAME_LETTERS if letter in row), letter)
        typed.append(draw(st.sampled_from(row)))
        if "\u0621" <= letter <= "\u064a":
            typed.append(draw(st.sampled_from(("", "", MARKS[0], MARKS[3], MARKS[4], "\u0640", "\u0640\u0640"))))
    return "".join(typed)


@st.composite
def latin_spellings(draw, name):
    """A name in another case, with other apostrophes, hyphens and accents, with or without the first article."""
    typed = name.removeprefix("Al ") if draw(st.booleans()) else name
    typed = typed.replace("'", draw(st.sampled_from(("'", "’", "ʿ", "`", ""))))
    typed = re.sub("[ -]", lambda _: draw(st.sampled_from((" ", "-", "–", "  "))), typed)
    accents = str.maketrans("aiuhdst", "āīūḥḍṣṭ") if draw(st.booleans()) else {}
    return draw(st.sampled_from((str.lower, str.upper, str.title, str)))(typed.translate(accents))


@given(data=st.data(), number=st.integers(0, len(PLACES) - 1))
def test_each_spelling_of_a_name_is_an_exact_match(data, number):
    place, its_id = PLACES[number]
    language = data.draw(st.sampled_from(("ar", "en")))
    spelt = data.draw((arabic_spellings if language == "ar" else latin_spellings)(place.name(language)))
    assume(len(spelt) <= 100)
    exact = [each for each in CATALOGUE.find(spelt) if each.match is NameMatch.EXACT]
    assert its_id in {each.id for each in exact}
    assert CATALOGUE.find(spelt)[: len(exact)] == tuple(exact)


@given(data=st.data(), long=st.sampled_from(LONG_WORDS))
def test_a_name_with_one_mistake_in_a_long_word_is_found_unless_another_name_is_spelt_so(data, long):
    its_id, letters, words, chosen = long
    word, at = words[chosen], data.draw(st.integers(3, len(words[chosen]) - 2))
    letter = data.draw(st.sampled_from(letters))
    mistakes = (word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :], word[:at] + word[at + 1 :])
    mistyped = data.draw(st.sampled_from((*mistakes, word[:at] + word[at + 1] + word[at] + word[at + 2 :])))
    found = CATALOGUE.find(" ".join((*words[:chosen], mistyped, *words[chosen + 1 :])), limit=500)
    assert its_id in {each.id for each in found} or found[0].match is not NameMatch.MISTYPED


@given(st.text(max_size=100))
def test_any_text_finds_places_in_the_documented_order_or_is_refused(text):
    try:
        found = CATALOGUE.find(text, limit=500)
    except ValueError:
        return
    ranks = [tuple(NameMatch).index(each.match) for each in found]
    assert ranks == sorted(ranks)
    assert len({(each.kind, each.id) for each in found}) == len(found)
    assert CATALOGUE.find(text, limit=3) == found[:3]
