"""Spellings that are alike: Latin transliterations of one Arabic word, and words with one typing mistake."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Final

SHORTEST_MISTYPED: Final = 4
"""The fewest letters of a word in which a typing mistake is corrected."""
LONGEST_MISTYPED: Final = 32
"""The most letters of such a word in a text: the table of shortenings has the square of them."""

_DIGRAPHS: Final = {"kh": "k", "gh": "g", "dh": "d", "th": "t", "sh": "s", "ch": "s", "ph": "f", "dj": "j"} | {
    "ee": "i",
    "ea": "i",
    "oo": "u",
    "ou": "u",
}
_LETTERS: Final = str.maketrans("eoywqc", "iuiukk")
_TWO: Final = re.compile("|".join(_DIGRAPHS))
_DOUBLED: Final = re.compile(r"(.)\1+")
_JOINED_ARTICLE: Final = re.compile(r"^[ae]l(?=[a-z]{3})")
_LATIN: Final = re.compile("[a-z]+", re.ASCII)


def sounded(word: str) -> str:
    """A folded Latin word as it sounds, roughly: `riyadh`, `riyad`, `Alriyadh` and `ryadh` are one. Others unchanged.

    Emphatic letters, long vowels, doubled letters and a last `h` make no difference.
    """
    if not _LATIN.fullmatch(word):
        return word
    single = _TWO.sub(lambda two: _DIGRAPHS[two[0]], _JOINED_ARTICLE.sub("", word))
    plain = _DOUBLED.sub(r"\1", single.translate(_LETTERS))
    return plain.removesuffix("h") or plain


def is_one_mistake(typed: str, meant: str) -> bool:
    """True if the words differ in one letter, in one letter more or less, or in the order of two neighbours."""
    longest = min(len(typed), len(meant))
    start = next((place for place in range(longest) if typed[place] != meant[place]), longest)
    typed, meant = typed[start:], meant[start:]
    while typed and meant and typed[-1] == meant[-1]:
        typed, meant = typed[:-1], meant[:-1]
    is_swapped = len(typed) == len(meant) == 2 and typed == meant[::-1]  # noqa: PLR2004 - two neighbours
    return is_swapped or max(len(typed), len(meant)) == 1


class SoundedTexts:
    """Texts of folded words, found by words that sound like theirs or have a typing mistake.

    It takes O(letters) of time and memory to make, and O(letters²) of each word for typing mistakes, at the first one.
    A search is O(words × log vocabulary), and the number of texts that each word is in.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts_of = defaultdict[str, set[int]](set)
        joined = []
        for number, text in enumerate(texts):
            words = [sounded(word) for word in text.split()]
            for word in (*words, *text.split()):
                self._texts_of[word].add(number)
            joined.append(("".join(words), number))
        self._vocabulary, self._joined = sorted(self._texts_of), sorted(joined)

    def sounding(self, words: Sequence[str]) -> set[int]:
        """The numbers of the texts in which each word begins one that sounds alike, or that begin so without spaces."""
        sounds = [sounded(word) for word in words]
        whole = "".join(sounds)
        first, end = bisect_left(self._joined, (whole, -1)), bisect_left(self._joined, (whole + _LAST, -1))
        return {number for _, number in self._joined[first:end]} | set.intersection(*map(self._begun, sounds))

    def mistyped(self, words: Sequence[str]) -> set[int]:
        """The numbers of the texts in which each word begins one that sounds alike, or is one with a typing mistake."""
        return set.intersection(*(self._begun(sounded(word)) | self._meant(word) for word in words))

    def _begun(self, beginning: str) -> set[int]:
        first, end = bisect_left(self._vocabulary, beginning), bisect_left(self._vocabulary, beginning + _LAST)
        return set().union(*(self._texts_of[word] for word in self._vocabulary[first:end]))

    def _meant(self, word: str) -> set[int]:
        if len(word) < SHORTEST_MISTYPED:
            return set()
        found = set[int]()
        for typed in {word, sounded(word)}:  # a mistake in `sh` changes its sound by more than one letter
            candidates = {each for shorter in _shortenings(typed) for each in self._shortened.get(shorter, ())}
            found.update(*(self._texts_of[each] for each in candidates if is_one_mistake(typed, each)))
        return found

    @cached_property
    def _shortened(self) -> dict[str, list[str]]:
        """The words by their shortenings: two words with one mistake between them have one in common."""
        words = defaultdict[str, list[str]](list)
        for word in self._vocabulary:
            if len(word) <= LONGEST_MISTYPED:
                for shorter in _shortenings(word):
                    words[shorter].append(word)
        return dict(words)


_LAST: Final = "\U0010ffff"
"""Behind every letter."""


def _shortenings(word: str) -> Iterator[str]:
    """The word, and the word without each one of its letters."""
    yield word
    yield from {word[:place] + word[place + 1 :] for place in range(len(word))} - {word}
