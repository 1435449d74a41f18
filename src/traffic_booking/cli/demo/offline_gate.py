"""A part of J-18: a gate that has the signed list of the day alone, a signed ticket, and the merge of the journal."""

from pathlib import Path
from tempfile import TemporaryDirectory

from traffic_booking import Appointment, AppointmentState, Clerk, GateResult, VerifiedCode
from traffic_booking.cli.demo.walk import Walk, expect
from traffic_booking.domain.appointments.ticket_codes import claims_of
from traffic_booking.gate import OfflineGate, day_list_document, read_journal


def admitted_offline(walk: Walk, appointment: Appointment, clerk: Clerk) -> Appointment:
    """Scan the ticket twice at a gate without the store, and merge its journal twice; the appointment afterwards."""
    number, code, keys = appointment.number, _signed_code(walk, appointment), walk.signer
    with TemporaryDirectory(prefix="traffic-booking-gate-") as temporary:
        list_file, journal = Path(temporary) / "day.list", Path(temporary) / "gate-1.journal"
        listed = walk.desk.gate.day_list(appointment.slot.branch, appointment.day, by=clerk)
        list_file.write_bytes(day_list_document(listed, keys).content)
        with OfflineGate.open(
            list_file, journal, gate="gate-1", public_keys=keys.public_keys, clock=walk.clock
        ) as gate:
            first, second = (gate.scan(code, scan_id=walk.request(name)) for name in ("scan", "scan-again"))
        expect(first.result is GateResult.ON_TIME, "an applicant on time", first.result)
        expect(first.signed, "a ticket whose signature holds", "one that is not signed")
        expect(second.result is GateResult.ALREADY_USED, "a used ticket", second.result)
        reports = [walk.desk.gate.merge(read_journal(journal), by=clerk) for _ in range(2)]
    expect([each.number for each in reports[0].accepted] == [number], "one scan that is recorded")
    expect(reports[1].known == reports[0].accepted, "the same scan, known from the first merge")
    after = walk.desk.appointment(number, by=walk.applicant)
    expect(after.state is AppointmentState.CHECKED_IN, "an appointment that is checked in", after.state)
    return after


def _signed_code(walk: Walk, appointment: Appointment) -> str:
    """The code on the printed ticket; the step fails unless it is signed, and drawn on the page."""
    from traffic_booking.adapters.ticket_codes import CoseCodes  # noqa: PLC0415 - needs the extra
    from traffic_booking.adapters.tickets.code_drawing import code_path  # noqa: PLC0415 - the same

    code = CoseCodes().write(claims_of(appointment, walk.branch.code), walk.signer).text
    page = walk.desk.ticket(appointment.number, by=walk.applicant, form="html")
    expect(code_path(code)[0] in str(page), "the signed code on the page")
    read = walk.desk.gate.read_code(code)
    expect(isinstance(read, VerifiedCode), "a code whose signature holds", type(read).__name__)
    return code
