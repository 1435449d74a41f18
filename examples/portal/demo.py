"""Made-up accounts, and appointments of made-up people, for a portal that somebody wants to try."""

from datetime import timedelta

from examples.portal.settings import Portal
from traffic_booking import NationalId, PersonId, ResidentId

PASSWORD = "four words and a number 7"  # noqa: S105 - of the demonstration
ACCOUNTS: dict[PersonId, str] = {
    NationalId("1000000008"): "sara",
    ResidentId("2000000006"): "omar",
    NationalId("1000000016"): "clerk",  # works at the branch of Riyadh
}
OTHERS = "1000000032 1000000040 1000000057 1000000065 1000000073 1000000081 1000000099 1000000107 1000000115"
SERVICES = "licence-renewal", "vehicle-registration", "licence-issue"


def fill(portal: Portal) -> None:
    """Register the accounts, and book a few visits of others; what is there already stays as it is."""
    for person, user_name in ACCOUNTS.items():
        if not portal.identity.has_account(person):
            portal.identity.register(person, PASSWORD, user_name=user_name)
    for place, number in enumerate(OTHERS.split()):
        first, service = portal.now() + timedelta(minutes=15 * place), SERVICES[place % len(SERVICES)]
        for slot in portal.desk.find_slots(service=service, branch="riyadh-traffic", from_=first, limit=1):
            request_id = f"demo-{first:%Y%m%d}-{place}"
            portal.desk.book(slot, applicant=NationalId(number), agreed=True, request_id=request_id)
