"""Three curves of the cost of a search, and their drawing: against branches, full days, and bookings elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from math import log10
from pathlib import Path
from typing import Any, Final

from benchmarks._search_towns import NOW, SHIPPED, Town

BRANCHES: Final = (10, 50, 154, 500, 1_500, 5_000)
FULL_DAYS: Final = (0, 7, 14, 21, 28, 35, 42)
ELSEWHERE: Final = (0, 1_000, 10_000, 100_000, 1_000_000)
SERIES: Final = {"store": "without the index", "index": "with the index"}

Milliseconds = Callable[[Mapping[str, Callable[[], object]]], dict[str, float]]


def curves(folder: Path, milliseconds: Milliseconds, ask: Callable[[Any], Any]) -> dict[str, Any]:
    """For each curve and each place on it, the processor time of a search of the store and of the index, in ms."""

    def point(town: Town) -> dict[str, float]:
        with town.open(availability="index") as indexed:
            times = milliseconds({"store": partial(ask, town.desk), "index": partial(ask, indexed)})
        return {name: round(took, 4) for name, took in times.items()}

    found: dict[str, dict[int, dict[str, float]]] = {"branches": {}, "full_days": {}, "elsewhere": {}}
    for branches in BRANCHES:
        town = Town(folder, branches)
        found["branches"][branches] = point(town)
        town.close()
    town, since = Town(folder, SHIPPED), NOW
    for days in FULL_DAYS:
        until = NOW + timedelta(days=days)
        town.take(lambda start, _drawn, since=since, until=until: since <= start.at < until)  # type: ignore[misc]
        found["full_days"][days], since = point(town), until
    town.close()
    town, done = Town(folder, SHIPPED, "60 % taken"), 0
    for bookings in ELSEWHERE:
        done += town.book_elsewhere(bookings - done, done)
        found["elsewhere"][bookings] = point(town)
    town.close()
    return found


TITLES: Final = {
    "branches": ("branches", "an empty store"),
    "full_days": ("full days before the first free one", f"{SHIPPED} branches"),
    "elsewhere": ("bookings of other services and years", f"{SHIPPED} branches, 60 % taken"),
}
LEFT, TOP, WIDE, HIGH, GAP = 68, 62, 212, 200, 40
STYLE: Final = """
    .ground { fill: #fbfcfd; stroke: #8a98a6 } text { fill: #1b2733 } .faint { fill: #56636f }
    .grid { stroke: #d5dce2 } .store { stroke: #b3541e; fill: #b3541e } .index { stroke: #1f6fa8; fill: #1f6fa8 }
    path.store, path.index { fill: none; stroke-width: 2 } text.store, text.index { stroke: none }
    @media (prefers-color-scheme: dark) {
      .ground { fill: #171d23; stroke: #55626e } text { fill: #e6ebef } .faint { fill: #a3afba }
      .grid { stroke: #36414b } .store { stroke: #f0955a; fill: #f0955a } .index { stroke: #6cb6ea; fill: #6cb6ea }
      path.store, path.index { fill: none } text.store, text.index { stroke: none }
    }"""

HEAD: Final = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title" \
font-family="DejaVu Sans, Verdana, Arial, sans-serif" font-size="12">
  <title id="title">The processor time of a search for the earliest 20 slots, with and without the index, against \
branches, full days and bookings elsewhere</title>
  <style>{style}
  </style>"""


def drawing(found: Mapping[str, Mapping[int, Mapping[str, float]]]) -> str:
    """The curves as an SVG picture: one panel each, with one scale of milliseconds for all."""
    times = [took for panel in found.values() for point in panel.values() for took in point.values()]
    low, high = _decade(min(times)), _decade(max(times)) + 1
    width, height = LEFT + 3 * WIDE + 2 * GAP + 28, TOP + HIGH + 62

    def y(milliseconds: float) -> float:
        return TOP + HIGH * (high - log10(milliseconds)) / (high - low)

    parts = [
        HEAD.format(width=width, height=height, style=STYLE),
        f'  <rect class="ground" x="1" y="1" width="{width - 2}" height="{height - 2}" rx="10"/>',
        f'  <text x="{LEFT}" y="26" font-weight="bold">The earliest 20 slots: processor time</text>',
        *_legend(width),
    ]
    for place, (name, panel) in enumerate(found.items()):
        parts += _panel(LEFT + place * (WIDE + GAP), name, panel, range(low, high + 1), y, labelled=place == 0)
    return "\n".join([*parts, "</svg>", ""])


def _decade(milliseconds: float) -> int:
    return int(log10(milliseconds) // 1)


def _legend(width: int) -> list[str]:
    parts = []
    for place, (name, label) in enumerate(SERIES.items()):
        x = width - 330 + place * 172
        parts.append(f'  <path class="{name}" d="M{x} 22h22"/><circle class="{name}" cx="{x + 11}" cy="22" r="3"/>')
        parts.append(f'  <text x="{x + 28}" y="26">{label}</text>')
    return parts


def _panel(
    left: int,
    name: str,
    panel: Mapping[int, Mapping[str, float]],
    decades: Sequence[int],
    y: Callable[[float], float],
    *,
    labelled: bool,
) -> list[str]:
    axis, condition = TITLES[name]
    parts = []
    for decade in decades:
        at = y(10.0**decade)
        parts.append(f'  <path class="grid" d="M{left} {at:.1f}h{WIDE}"/>')
        if labelled:
            parts.append(
                f'  <text class="faint" x="{left - 8}" y="{at + 4:.1f}" text-anchor="end">{_time(decade)}</text>'
            )
    step = WIDE / len(panel)
    middles = [left + step * (place + 0.5) for place in range(len(panel))]
    for x, value in zip(middles, panel, strict=True):
        parts.append(
            f'  <text class="faint" x="{x:.1f}" y="{TOP + HIGH + 18}" text-anchor="middle">{_short(value)}</text>'
        )
    middle = left + WIDE / 2
    parts.append(f'  <text x="{middle}" y="{TOP + HIGH + 36}" text-anchor="middle">{axis}</text>')
    parts.append(f'  <text class="faint" x="{middle}" y="{TOP + HIGH + 52}" text-anchor="middle">{condition}</text>')
    for series in SERIES:
        places = [(x, y(point[series])) for x, point in zip(middles, panel.values(), strict=True)]
        parts.append(f'  <path class="{series}" d="M' + " L".join(f"{x:.1f} {at:.1f}" for x, at in places) + '"/>')
        parts += [f'  <circle class="{series}" cx="{x:.1f}" cy="{at:.1f}" r="3"/>' for x, at in places]
    return parts


def _time(decade: int) -> str:
    return f"{10**decade:,} ms" if decade < 3 else f"{10 ** (decade - 3):,} s"


def _short(value: int) -> str:
    if value >= 1_000_000:
        return f"{value // 1_000_000}M"
    return f"{value / 1_000:g}k" if value >= 1_000 else str(value)
