"""The command that finds free slots."""

from datetime import time
from typing import Annotated, Literal

from cyclopts import Parameter

from traffic_booking import InvalidInput, SlotPage, Weekday, parse_time, to_json
from traffic_booking.cli import words
from traffic_booking.cli.months import SeveralBranches, SeveralIds, SeveralServices
from traffic_booking.cli.options import DEFAULTS, Flag, Options, Point
from traffic_booking.cli.reply import Reply, ReplyPart, Sentence, slots_shown
from traffic_booking.cli.typed_values import applicant_of, bound_of, day_of, errors_name, ids_of, point_of
from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.calendars.date_words import weekday_named
from traffic_booking.domain.instants import LEGAL_TIME
from traffic_booking.domain.spelling.letters import words_of
from traffic_booking.domain.text_input import hyphenated

Order = Literal["earliest", "nearest", "balanced"]


def slots(
    *,
    service: SeveralServices,
    governorate: SeveralIds = (),
    branch: SeveralBranches = (),
    region: SeveralIds = (),
    near: Point = None,
    within_km: float | None = None,
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    until: str | None = None,
    day: str | None = None,
    weekday: SeveralIds = (),
    between: str | None = None,
    seats: int = 1,
    adjacent: int = 1,
    each_branch: Flag = False,
    applicant: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    moving: str | None = None,
    earlier_only: Flag = False,
    order: Order = "earliest",
    after: str | None = None,
    limit: int = 20,
    options: Options = DEFAULTS,
) -> Reply:
    """List free slots, the earliest first; the name of their branch stands above them if they have one branch.

    Args:
        governorate: Only at branches of this governorate; several as with --branch.
        region: Only at branches of this region, such as SA-01; several as with --branch.
        within_km: Only at branches at most so many kilometres from --near.
        from_: Only from this day on, in either calendar, such as 2026-12-01 or 1448-06-21; it may have a time.
        until: Only before this day; it may have a time.
        day: Only on this day, in either calendar.
        weekday: Only on these days of the week, such as sun,mon or الأحد,الاثنين.
        between: Only at these times of the branch's day, such as 8:00-12:00.
        seats: Only slots with so many free seats.
        adjacent: So many slots in a row.
        each_branch: The first slot at each branch alone.
        applicant: Only what this person could book; - reads the id from standard input.
        moving: Only slots to which this appointment (a number) of the applicant could be moved.
        earlier_only: With --moving, only slots that are earlier.
        order: earliest, nearest (needs --near), or balanced: 100 kilometres weigh as a day.
        after: Only behind this cursor, which the answer before named with --json as `next`.
        limit: At most so many, 1 to 500.
    """
    point, branches = point_of(near), ids_of(branch)
    with options.desk() as desk:
        zones = {desk.catalogue.branch(each).time_zone for each in branches or ()}
        zone = zones.pop() if len(zones) == 1 else LEGAL_TIME
        found = desk.find_slots(
            service=ids_of(service),
            governorate=ids_of(governorate),
            branch=branches,
            region=ids_of(region),
            near=point,
            within_km=within_km,
            from_=None if from_ is None else bound_of(from_, "--from", zone),
            until=None if until is None else bound_of(until, "--until", zone),
            day=None if day is None else day_of(day, "--day"),
            weekdays=weekdays_of(weekday),
            between=times_between(between),
            seats=seats,
            adjacent=adjacent,
            each_branch=each_branch,
            applicant=applicant_of(applicant) if applicant is not None or moving is not None else None,
            moving=moving,
            earlier_only=earlier_only,
            order=order,
            after=after,
            limit=limit,
        )
        parts = slots_shown(found, desk.catalogue, options.output_language, empty=words.NO_SLOT)
    return Reply(options, to_json(found), *parts, *_reasons(found))


def _reasons(found: SlotPage) -> tuple[ReplyPart, ...]:
    """The personal rules that refuse every slot of a service."""
    return tuple(Sentence(Bilingual(each.message("ar"), each.message("en")), loud=True) for each in found.refused)


def weekdays_of(typed: tuple[str, ...]) -> frozenset[Weekday] | None:
    """The days of the week that `--weekday` names, in either language."""
    named = ids_of([each.replace("،", ",") for each in typed])
    if named is None:
        return None
    found = [weekday_named(words_of(each)) for each in named]
    if None in found or not found:
        raise InvalidInput("--weekday", got="a text that names no day", expected="such as sun,mon or الأحد,الاثنين")
    return frozenset(Weekday(each) for each in found if each is not None)


def times_between(typed: str | None) -> tuple[time, time] | None:
    """The two times of `--between`; 24:00 is the end of the day."""
    if typed is None:
        return None
    first, mark, until = hyphenated(typed).partition("-")
    with errors_name("--between"):
        if not mark:
            raise InvalidInput("--between", got="one time", expected="two times, such as 8:00-12:00")
        return parse_time(first), time(0) if until.strip() == "24:00" else parse_time(until)
