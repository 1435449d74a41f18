"""The differences between two texts of a rulebook, a catalogue or a calendar, each with its place."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from traffic_booking.persistence.basic_codecs import to_json

NOTHING: Final = "nothing"
LONGEST_SHOWN: Final = 40
"""The most characters of a value in a difference."""
LONGEST_PLACE: Final = 120
"""The most characters of its place."""
OWN_FIELDS: Final = ("figures", "in_force_from", "in_force_until", "status", "source")
"""The fields of a rule that its rulebook decides; the library has its wording."""
OWN_LISTS: Final = ("suspensions", "tightenings")
_NAMES: Final = ("id", "code", "version")


class ContentDifference(NamedTuple):
    """A place such as `rules[BK-07].figures.appointments`, the new value there, and the one so far."""

    place: str
    new: str
    old: str


def differences(new: Any, old: Any, place: str = "") -> Iterator[ContentDifference]:
    """The places at which the data of two texts differ, in their order."""
    if new == old and type(new) is type(old):
        return
    if isinstance(new, dict) and isinstance(old, dict):
        for name in dict.fromkeys([*new, *old]):
            yield from differences(new.get(name), old.get(name), f"{place}.{name}" if place else name)
    elif isinstance(new, list) and isinstance(old, list):
        ours, theirs = _by_name(new), _by_name(old)
        for name in dict.fromkeys([*ours, *theirs]):
            yield from differences(ours.get(name), theirs.get(name), f"{place}[{name}]")
        if ours == theirs:
            yield _difference(place, "another order", "this order")
    else:
        yield _difference(place, _shown(new), _shown(old))


def own_differences(new: Mapping[str, Any], old: Mapping[str, Any]) -> Iterator[ContentDifference]:
    """The differences between the data of two versions of one name, but for the library's own wording.

    A rule that one of the two lacks is that of another release: it makes no difference.
    """
    ours, theirs = _by_name(new["rules"]), _by_name(old["rules"])
    for name in ours:
        for field in OWN_FIELDS if name in theirs else ():
            yield from differences(ours[name][field], theirs[name][field], f"rules[{name}].{field}")
    for field in OWN_LISTS:
        yield from differences(new[field], old[field], field)


def _by_name(entries: list[Any]) -> dict[str, Any]:
    """The entries of a list by their names, or by their places if they have none."""
    named = [_name(each) for each in entries]
    is_named = None not in named and len({*named}) == len(named)
    return {
        str(name if is_named else place): each for place, (name, each) in enumerate(zip(named, entries, strict=True))
    }


def _name(entry: Any) -> str | None:
    if not isinstance(entry, dict):
        return None
    found = (entry.get(name) for name in _NAMES)
    definition = entry.get("definition")
    return next((str(each) for each in found if each is not None), None) or (definition and definition["id"])


def _difference(place: str, new: str, old: str) -> ContentDifference:
    return ContentDifference(place[:LONGEST_PLACE], new, old)


def _shown(value: Any) -> str:
    if value is None:
        return NOTHING
    text = value if isinstance(value, str) else to_json(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
