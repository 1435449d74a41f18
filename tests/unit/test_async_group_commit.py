"""Tasks at one desk for asyncio share batches, in the order in which they came; each gets its own result."""

import asyncio
from functools import partial

import pytest

from tests.async_desk import SteppedStore, booking, small_async_desk
from tests.bookings import seats_taken, slot
from tests.one_slot import PATIENCE_SECONDS
from tests.people import ME, YOU
from tests.small_town import START
from traffic_booking import (
    AsyncBookingDesk,
    AsyncDesk,
    Booked,
    DeskParts,
    NotFound,
    Refused,
    RequestMismatch,
    StoreError,
    StoreUnavailable,
)
from traffic_booking.adapters.memory import MemoryStore
from traffic_booking.adapters.threaded import ThreadedStore
from traffic_booking.application.async_group_commit import WORTH_A_BATCH, AsyncGroupCommit
from traffic_booking.testing import MovableClock, made_up_person

WAITERS = 12


def strangers(desk, count):
    """People with nothing in common, each for a slot of their own."""
    return [
        booking(desk, made_up_person(200 + serial), slot(1 + serial / 4), f"theirs-{serial}") for serial in range(count)
    ]


def wanting(desk, at, count, *, people_from=300):
    """`count` people for one slot."""
    return [booking(desk, made_up_person(people_from + each), at, f"{people_from + each}") for each in range(count)]


def served(work, *, capacity=1):
    """The result of `work` on a new desk, and the calls of its store."""

    async def on_a_desk():
        store = SteppedStore()
        async with small_async_desk(store, capacity=capacity) as desk:
            return await work(desk, store), store

    return asyncio.run(on_a_desk())


async def together(*calls):
    """The outcome or error of each call; all start in one turn of the loop."""
    return await asyncio.gather(*calls, return_exceptions=True)


def test_tasks_that_come_together_are_served_by_one_read_and_one_commit():
    async def work(desk, _):
        return await together(*strangers(desk, WAITERS))

    outcomes, store = served(work)

    assert [type(outcome) for outcome in outcomes] == [Booked] * WAITERS
    assert (store.reads, store.commits) == ([WAITERS], [WAITERS])


def test_a_request_during_a_batch_is_in_the_next_and_a_served_caller_is_back_in_time_for_it():
    async def work(desk, store):
        first, again, *others = strangers(desk, WAITERS)

        async def twice():
            return await first, await again

        async def the_others_come():
            store.before_commit = None
            late.extend(asyncio.ensure_future(other) for other in others)

        late: list[asyncio.Future[object]] = []
        store.before_commit = the_others_come
        return [*await twice(), *await together(*late)]

    outcomes, store = served(work)

    assert [type(outcome) for outcome in outcomes] == [Booked] * WAITERS
    assert store.commits == [1, WAITERS - 1]


def test_the_last_seat_goes_to_the_first_request_and_the_rule_refuses_the_others():
    async def work(desk, _):
        return await together(*wanting(desk, slot(1), WAITERS))

    outcomes, store = served(work)

    assert isinstance(outcomes[0], Booked)
    assert all(isinstance(outcome, Refused) for outcome in outcomes[1:])
    assert seats_taken(store.kept, slot(1)) == 1


def test_one_request_sent_twice_is_executed_once_and_another_under_its_id_is_refused():
    async def work(desk, _):
        return await together(
            booking(desk, ME, slot(1), "one"), booking(desk, ME, slot(1), "one"), booking(desk, YOU, slot(2), "one")
        )

    (one, two, other), store = served(work)

    assert isinstance(one, Booked)
    assert one == two
    assert isinstance(other, RequestMismatch)
    assert (seats_taken(store.kept, slot(1)), seats_taken(store.kept, slot(2))) == (1, 0)


def test_an_error_of_one_request_reaches_no_other_caller():
    async def work(desk, _):
        first, *others = strangers(desk, 4)
        unknown = booking(desk, ME, slot(1, "no-such-service"), "unknown")
        return await together(first, unknown, *others)

    outcomes, _ = served(work)

    assert isinstance(outcomes[1], NotFound)
    assert [type(outcome) for outcome in outcomes if outcome is not outcomes[1]] == [Booked] * 4


def test_a_failing_store_gives_each_request_of_a_batch_its_own_error_and_the_next_batch_goes_on():
    async def work(desk, store):
        async def fail():
            store.before_commit = None
            raise StoreUnavailable("got no answer; expected one")

        store.before_commit = fail
        failed = await together(*strangers(desk, 3))
        return failed, await together(*strangers(desk, 3))

    (failed, done), _ = served(work)

    assert [type(error) for error in failed] == [StoreUnavailable] * 3
    assert len({id(error) for error in failed}) == 3
    assert [type(outcome) for outcome in done] == [Booked] * 3


def test_a_batch_has_its_bound_and_the_first_request_is_executed_first():
    batches: list[list[str]] = []

    async def work(desk, _):
        async def execute(requests):
            batches.append([request.query.request_id for request in requests])
            await desk._office.execute_batch(requests)

        desk._office.group_commit = AsyncGroupCommit(execute, largest=5)
        return await together(*strangers(desk, WAITERS))

    served(work)

    names = [f"theirs-{serial}" for serial in range(WAITERS)]
    assert batches == [names[:5], names[5:10], names[10:]]


def test_a_request_to_a_full_line_is_refused_at_once_and_those_in_it_are_executed():
    async def work(desk, _):
        desk._office.group_commit = AsyncGroupCommit(desk._office.execute_batch, longest=3)
        return await together(*strangers(desk, 5))

    outcomes, store = served(work)

    assert [type(outcome) for outcome in outcomes] == [Booked] * 3 + [StoreUnavailable] * 2
    assert store.commits == [3], "nothing was done for the others"


def test_many_requests_become_two_batches_and_one_is_decided_while_the_store_works_on_the_other():
    async def work(desk, store):
        both_at_the_store = asyncio.Barrier(2)

        async def wait_for_the_other():
            async with asyncio.timeout(PATIENCE_SECONDS):
                await both_at_the_store.wait()

        store.before_commit = wait_for_the_other
        return await together(*wanting(desk, slot(1), 2 * WORTH_A_BATCH))

    outcomes, store = served(work, capacity=2 * WORTH_A_BATCH)

    assert [type(outcome) for outcome in outcomes] == [Booked] * 2 * WORTH_A_BATCH
    assert store.commits == [WORTH_A_BATCH, WORTH_A_BATCH]


@pytest.mark.parametrize(("waiting", "batches"), [(WORTH_A_BATCH - 1, 0), (WORTH_A_BATCH, 1)])
def test_a_second_batch_begins_beside_the_first_if_enough_requests_wait(waiting, batches):
    async def work(desk, store):
        first, *others = wanting(desk, slot(1), 1 + waiting)
        late: list[asyncio.Future[object]] = []

        async def the_others_come():
            store.before_commit = None
            late.extend(asyncio.ensure_future(other) for other in others)
            for _ in range(10):
                await asyncio.sleep(0)
            begun.append(len(store.reads) - 1)

        begun: list[int] = []
        store.before_commit = the_others_come
        await first
        await together(*late)
        return begun

    begun, _ = served(work, capacity=1 + waiting)

    assert begun == [batches]


@pytest.mark.parametrize("capacity", [1, WORTH_A_BATCH, 2 * WORTH_A_BATCH - 1])
def test_two_batches_for_the_last_seats_of_a_slot_give_each_seat_once_and_refuse_the_others(capacity):
    async def work(desk, _):
        return await together(*wanting(desk, slot(1), 3 * WORTH_A_BATCH))

    outcomes, store = served(work, capacity=capacity)

    kinds = [type(outcome) for outcome in outcomes]
    assert (kinds.count(Booked), kinds.count(Refused)) == (capacity, 3 * WORTH_A_BATCH - capacity)
    assert seats_taken(store.kept, slot(1)) == capacity


def test_one_request_in_two_batches_at_once_is_executed_once_and_one_person_gets_one_appointment_of_two():
    async def work(desk, _):
        first, second = (wanting(desk, slot(1), 2 * WORTH_A_BATCH - 2, people_from=start) for start in (400, 600))
        twice = [booking(desk, ME, slot(1), "mine") for _ in range(2)]
        both = [booking(desk, YOU, slot(1), f"yours-{place}") for place in range(2)]
        return await together(twice[0], both[0], *first, twice[1], both[1], *second)

    outcomes, _ = served(work, capacity=6 * WORTH_A_BATCH)

    half = 2 * WORTH_A_BATCH
    assert isinstance(outcomes[0], Booked)
    assert outcomes[half] == outcomes[0]
    assert {type(outcomes[1]), type(outcomes[half + 1])} == {Booked, Refused}


class Errand:
    """A request that is executed in its `batches`-th batch."""

    def __init__(self, batches=1):
        self.batches = batches

    @property
    def done(self):
        return self.batches <= 0


async def execute_all(errands, batches=None):
    if batches is not None:
        batches.append(list(errands))
    for errand in errands:
        errand.batches -= 1
    await asyncio.sleep(0)


def test_a_request_that_stays_undecided_is_first_in_the_next_batch():
    slow, quick, late = Errand(3), Errand(1), Errand(1)
    batches: list[list[Errand]] = []

    async def work():
        group_commit = AsyncGroupCommit(partial(execute_all, batches=batches), largest=2)
        await asyncio.gather(*(group_commit.submit(errand) for errand in (slow, quick, late)))

    asyncio.run(work())

    assert batches == [[slow, quick], [slow, late], [slow]]


def test_a_defect_of_the_execution_is_raised_to_the_first_of_its_batch_and_the_others_stay_in_line():
    defects = [ZeroDivisionError("a defect")]

    async def execute(errands):
        if defects:
            raise defects.pop()
        await execute_all(errands)

    async def work():
        group_commit = AsyncGroupCommit(execute)
        return await together(*(group_commit.submit(Errand()) for _ in range(3)))

    first, *others = asyncio.run(work())

    assert isinstance(first, ZeroDivisionError)
    assert others == [None, None]


@pytest.mark.parametrize("turns", range(6))
def test_a_batch_that_is_cancelled_at_any_point_ends_with_its_callers_and_the_next_caller_is_served(turns):
    async def work():
        group_commit = AsyncGroupCommit(execute_all)
        callers = [asyncio.create_task(group_commit.submit(Errand(2))) for _ in range(3)]
        for _ in range(turns):
            await asyncio.sleep(0)
        for task in asyncio.all_tasks() - {asyncio.current_task(), *callers}:
            task.cancel()
        async with asyncio.timeout(PATIENCE_SECONDS):
            outcomes = await together(*callers)
            await group_commit.close()
            await group_commit.submit(Errand())
        return outcomes

    outcomes = asyncio.run(work())

    assert len(set(map(type, outcomes))) == 1, "they are in one batch"
    assert all(each is None or isinstance(each, asyncio.CancelledError) for each in outcomes)


def test_a_desk_is_closed_if_the_event_loop_ends_before_its_first_batch():
    async def use():
        async with small_async_desk(SteppedStore()) as desk:
            ended.append(desk)
            await booking(desk, ME, slot(1), "mine")

    async def work():
        using = asyncio.create_task(use())
        await asyncio.sleep(0)
        return using

    ended: list[AsyncDesk] = []
    using = asyncio.run(work())

    assert using.cancelled()
    assert not ended[0]._office.group_commit._batches


EAGER = getattr(asyncio, "eager_task_factory", None)


@pytest.mark.skipif(EAGER is None, reason="tasks that begin at once came with Python 3.12")
@pytest.mark.parametrize("defect", [None, ZeroDivisionError("a defect")])
def test_tasks_that_begin_at_once_are_served_though_nothing_is_waited_for(defect):
    async def execute(errands):
        for errand in errands:
            errand.batches -= 1
        if defect is not None:
            raise defect

    async def work():
        asyncio.get_running_loop().set_task_factory(EAGER)
        group_commit = AsyncGroupCommit(execute)
        async with asyncio.timeout(PATIENCE_SECONDS):
            outcomes = [await together(group_commit.submit(Errand())) for _ in range(3)]
            await group_commit.close()
        return outcomes

    assert asyncio.run(work()) == [[defect]] * 3


def test_closing_a_desk_waits_for_the_current_batch():
    async def work():
        store = SteppedStore()
        desk = small_async_desk(store)
        task = asyncio.create_task(booking(desk, ME, slot(1), "mine"))
        in_commit = asyncio.Event()

        async def note():
            in_commit.set()

        store.before_commit = note
        await in_commit.wait()
        await desk.close()
        assert seats_taken(store.kept, slot(1)) == 1
        return await task

    assert isinstance(asyncio.run(work()), Booked)


def test_other_tasks_get_a_turn_after_each_branch_of_a_search():
    async def work():
        async with AsyncBookingDesk(DeskParts(store=SteppedStore(), clock=MovableClock(START))) as desk:
            search = asyncio.create_task(desk.find_slots(service="licence-renewal"))
            turns = 0
            while not search.done():
                await asyncio.sleep(0)
                turns += 1
            return turns, len(desk.catalogue.branches_for(service="licence-renewal"))

    turns, branches = asyncio.run(work())
    assert branches > 100
    assert turns > branches


def test_a_closed_desk_raises_a_store_error():
    async def work():
        desk = small_async_desk(ThreadedStore(MemoryStore()))
        await desk.close()
        await desk.close()
        with pytest.raises(StoreError):
            await booking(desk, ME, slot(1), "mine")

    asyncio.run(work())
