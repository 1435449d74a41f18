"""Simulations of the small town, one seed after another: few seats, few people, short holds."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from tests.bookings import slot
from tests.calendars import PLAIN
from tests.small_town import START, small_catalogue, small_rulebook
from traffic_booking.ports.store import Store
from traffic_booking.testing import Limits, Simulation, SimulationError, made_up_person

SLOTS: Final = (
    slot(1),
    slot(1.25),
    slot(25),
    slot(1, "transfer"),
    slot(25, "transfer"),
    slot(1, "renewal", "south"),
)
PEOPLE: Final = tuple(made_up_person(serial) for serial in range(6))
LIMITS: Final = Limits(per_service=1, in_all=2, holds=1)
CAPACITY: Final = 2


def simulation_of(seed: int, *, faults: float = 0.2, pool: str | None = None) -> Simulation:
    """The small town with that seed, on the morning of slots that are an hour ahead, or a day."""
    return Simulation(
        seed=seed,
        catalogue=small_catalogue(capacity=CAPACITY, pool=pool),
        rulebook=small_rulebook(
            BK_07={"appointments": LIMITS.per_service},
            BK_08={"appointments": LIMITS.in_all},
            HD_01={"holds": LIMITS.holds, "minutes": 10},
            CN_03={"minutes": 30},
        ),
        calendar=PLAIN,
        slots=SLOTS,
        people=PEOPLE,
        limits=LIMITS,
        start=START,
        faults=faults,
    )


def simulate(
    open_store: Callable[[int], Store],
    *,
    simulations: int,
    seed: int,
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, Any]:
    """The results of that many simulations, each with the next seed, on a store of its own.

    In every other one the services share a pool of seats.

    `wrong` has the story of each failed simulation.
    """
    steps, wrong = Counter[str](), list[str]()
    for place in range(simulations):
        store = open_store(place)
        try:
            trace = simulation_of(seed + place, pool="counters" if place % 2 else None).run(store)
        except SimulationError as failed:
            wrong.append(str(failed))
            trace = failed.trace
        store.close()
        steps["steps"] += len(trace)
        steps["faults"] += sum(
            line.endswith(("fails before", "fails midway", "fails after", "reply")) for line in trace
        )
        progress(place + 1)
    return {"simulations": simulations, "seed": seed, **steps, "wrong": wrong}
