"""Finds places by their names: either language, any usual spelling, a whole name or a part of one.

There are a few thousand names at most, so they are all compared, without a library for similar texts: such a library
folds no Arabic, and one typing mistake in a word is little code.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from functools import cached_property
from heapq import nsmallest
from typing import TYPE_CHECKING, Final

from attrs import field

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.places.geography import (
    Branch,
    Governorate,
    GovernorateId,
    Region,
    RegionCode,
    governorate_id,
    region_code,
)
from traffic_booking.domain.text_input import bounded_text, visible_ascii
from traffic_booking.domain.value_input import of_type
from traffic_booking.domain.values import frozen

if TYPE_CHECKING:
    from traffic_booking.domain.spelling.similar import SoundedTexts

LONGEST_SOUGHT: Final = 100
MOST_FOUND: Final = 500

_KIND_WORDS: Final = frozenset({"منطقه", "محافظه", "مدينه", "region", "province", "governorate", "city"})
"""A name may have one of these words or lack it."""
_ARABIC_ARTICLE: Final = re.compile(r"^ب?(?:ال)+(?=\w)")
"""Also behind the preposition of «المرور بالرياض»."""
_ARTICLES: Final = frozenset({"ال", "al", "el", "ul", "ad", "adh", "an", "ar", "as", "ash", "at", "ath", "az"})


class PlaceKind(StrEnum):
    """The kinds of places. The value is the name of the argument that takes a place's id."""

    REGION = "region"
    GOVERNORATE = "governorate"
    BRANCH = "branch"


class NameMatch(StrEnum):
    """How a name matches the words that are sought, the best first."""

    EXACT = "exact"
    """The whole name or id."""
    BEGINNING = "beginning"
    """The beginning of the name."""
    WORDS = "words"
    """The beginnings of some of its words, in any order."""
    INSIDE = "inside"
    """Parts of the name."""
    SPELLING = "spelling"
    """Another transliteration, or other spaces."""
    MISTYPED = "mistyped"
    """A typing mistake in a word of four letters or more."""


def _place_id(text: str) -> str:
    return visible_ascii(text, "id")


def _governorate(text: str | None) -> GovernorateId | None:
    return None if text is None else governorate_id(text)


@frozen(kw_only=True)
class FoundPlace:
    """A place that matches what was sought: its id (a region's is its code), its name, and what it is part of.

    `governorate` is None for a region.
    """

    kind: PlaceKind = field(validator=of_type(PlaceKind))
    id: str = field(converter=_place_id)
    name: Bilingual = field(validator=of_type(Bilingual))
    region: RegionCode = field(converter=region_code)
    governorate: GovernorateId | None = field(default=None, converter=_governorate)
    match: NameMatch = field(validator=of_type(NameMatch))


class PlaceNames:
    """The names of all places of a catalogue, folded once: O(letters of all names) of time and memory."""

    def __init__(
        self, regions: Iterable[Region], governorates: Iterable[Governorate], branches: Iterable[Branch]
    ) -> None:
        self._places: list[tuple[PlaceKind, str, Bilingual, RegionCode, GovernorateId | None]] = []
        region_of: dict[str, RegionCode] = {}
        for region in regions:
            self._places.append((PlaceKind.REGION, region.code, region.name, region.code, None))
        for each in governorates:
            region_of[each.id] = each.region
            self._places.append((PlaceKind.GOVERNORATE, each.id, each.name, each.region, each.id))
        for branch in branches:
            inside = branch.governorate
            self._places.append((PlaceKind.BRANCH, branch.id, branch.name, region_of[inside], inside))
        self._names = [
            (place, f" {text}")
            for place, (_, its_id, name, *_) in enumerate(self._places)
            for text in dict.fromkeys(form for typed in (name.ar, name.en, its_id) for form in _forms(typed))
        ]

    @cached_property
    def _sounds(self) -> "SoundedTexts":
        from traffic_booking.domain.spelling.similar import SoundedTexts

        return SoundedTexts(text for _, text in self._names)

    def find(self, sought: str, limit: int) -> tuple[FoundPlace, ...]:
        """The places that match `sought`, at most `limit`: the best match first, then in the order of the catalogue.

        Spellings and mistakes are tried only if no name contains the words.
        """
        words = folded_words(bounded_text(sought, "text", longest=LONGEST_SOUGHT))
        plain = _without_kinds(words)
        tries = [each for each in (words, plain if plain != words else []) if each]
        for search in (self._containing, self._sounding, self._mistyped):
            for tried in tries:
                best: dict[int, int] = {}
                for place, rank in search(tried):
                    if rank < best.get(place, _WORST):
                        best[place] = rank
                if best:
                    ranked = nsmallest(limit, zip(best.values(), best, strict=True))
                    return tuple(self._found(place, _MATCHES[rank]) for rank, place in ranked)
        return ()

    def _containing(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        whole, longest = f" {' '.join(words)}", max(words, key=len)
        others, begun = [word for word in words if word != longest], [f" {word}" for word in words]
        for place, text in self._names:
            if longest in text and (not others or all(word in text for word in others)):
                if text.startswith(whole):
                    yield place, _EXACT if text == whole else _BEGINNING
                elif whole in text or (others and all(word in text for word in begun)):
                    yield place, _WORDS
                else:
                    yield place, _INSIDE

    def _sounding(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        return ((self._names[number][0], _SPELLING) for number in self._sounds.sounding(words))

    def _mistyped(self, words: Sequence[str]) -> Iterator[tuple[int, int]]:
        return ((self._names[number][0], _MISTYPED) for number in self._sounds.mistyped(words))

    def _found(self, place: int, match: NameMatch) -> FoundPlace:
        kind, its_id, name, region, governorate = self._places[place]
        return FoundPlace(kind=kind, id=its_id, name=name, region=region, governorate=governorate, match=match)


_MATCHES: Final = tuple(NameMatch)
_EXACT, _BEGINNING, _WORDS, _INSIDE, _SPELLING, _MISTYPED = range(len(_MATCHES))
_WORST: Final = len(_MATCHES)


def folded_words(text: str) -> list[str]:
    """The words of a place's name in plain letters, without articles, signs and the hamza; an article alone stays."""
    from traffic_booking.domain.spelling.letters import words_of

    words = [word for word in words_of(text).replace("ء", "").split() if word.isalnum()]
    named = [word for word in words if word not in _ARTICLES]
    return [_ARABIC_ARTICLE.sub("", word) for word in named or words]


def _without_kinds(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in _KIND_WORDS]


def _forms(name: str) -> Iterator[str]:
    """A name as it is sought: in full, and without the words for the kind of a place."""
    words = folded_words(name)
    for form in (words, _without_kinds(words)):
        if form:
            yield " ".join(form)
