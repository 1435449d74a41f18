"""Identities that belong to nobody on purpose: generated, with a right check digit."""

from traffic_booking.domain.people.applicants import Applicant, Subject
from traffic_booking.domain.people.identity import NationalId, ResidentId, check_total
from traffic_booking.domain.places.services import Holder


def made_up_person(serial: int, holder: Holder = Holder.CITIZEN) -> NationalId | ResidentId:
    """The id with that serial (0 to 99,999,999), the same one each time; each serial gives another."""
    first = "1" if holder is Holder.CITIZEN else "2"
    body = f"{first}{serial:08d}"
    digits = body + str(-check_total(body + "0") % 10)
    return NationalId(digits) if holder is Holder.CITIZEN else ResidentId(digits)


def made_up_applicant(serial: int, holder: Holder = Holder.CITIZEN) -> Applicant:
    """The applicant with that serial, for tests below the desk; a desk draws a random subject for `made_up_person`."""
    return Applicant(Subject(f"made-up-subject-{serial:06d}"), holder)
