"""A part of J-18: a gate that has the signed list of the day alone, and the merge of its journal."""

from pathlib import Path
from tempfile import TemporaryDirectory

from traffic_booking import Appointment, AppointmentState, Clerk, GateResult
from traffic_booking.cli.demo.walk import Walk, expect
from traffic_booking.gate import OfflineGate, day_list_document, read_journal


def admitted_offline(walk: Walk, appointment: Appointment, clerk: Clerk) -> Appointment:
    """Scan the ticket twice at a gate without the store, and merge its journal twice; the appointment afterwards."""
    from traffic_booking.adapters.signing_keys import SigningKeys  # noqa: PLC0415 - needed by the demo alone

    number = appointment.number
    with TemporaryDirectory(prefix="traffic-booking-gate-") as temporary:
        list_file, journal = Path(temporary) / "day.list", Path(temporary) / "gate-1.journal"
        keys = SigningKeys.open(Path(temporary) / "tickets.key")
        listed = walk.desk.gate.day_list(appointment.slot.branch, appointment.day, by=clerk)
        list_file.write_bytes(day_list_document(listed, keys).content)
        with OfflineGate.open(
            list_file, journal, gate="gate-1", public_keys=keys.public_keys, clock=walk.clock
        ) as gate:
            first, second = (gate.scan(number, scan_id=walk.request(name)) for name in ("scan", "scan-again"))
        expect(first.result is GateResult.ON_TIME, "an applicant on time", first.result)
        expect(second.result is GateResult.ALREADY_USED, "a used ticket", second.result)
        reports = [walk.desk.gate.merge(read_journal(journal), by=clerk) for _ in range(2)]
    expect([each.number for each in reports[0].accepted] == [number], "one scan that is recorded")
    expect(reports[1].known == reports[0].accepted, "the same scan, known from the first merge")
    after = walk.desk.appointment(number, by=walk.applicant)
    expect(after.state is AppointmentState.CHECKED_IN, "an appointment that is checked in", after.state)
    return after
