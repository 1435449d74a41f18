"""The results of reading a ticket's code: verified claims, a bare number, or the fault for which it is refused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from traffic_booking.domain.appointments.numbers import AppointmentNumber
from traffic_booking.domain.appointments.ticket_codes import TicketClaims
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.signing.keys import KeyId
from traffic_booking.domain.values import frozen


class CodeFault(StrEnum):
    """Why a code is refused."""

    NOT_A_CODE = "not-a-code"
    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown-key"
    FORGED = "forged"


_MESSAGES: Final[Mapping[CodeFault, Bilingual]] = {
    CodeFault.NOT_A_CODE: Bilingual(
        "هذا ليس رمز تذكرة ولا رقم موعد. امسح الرمز المطبوع على التذكرة، أو اكتب رقمها كما طُبع.",
        "This is neither the code of a ticket nor an appointment number. Scan the code that is printed on the ticket, "
        "or type its number as printed.",
    ),
    CodeFault.MALFORMED: Bilingual(
        "رمز التذكرة ناقص أو تالف. امسحه مرة أخرى، أو اكتب رقم التذكرة.",
        "The code of the ticket is incomplete or damaged. Scan it again, or type the number of the ticket.",
    ),
    CodeFault.UNKNOWN_KEY: Bilingual(
        "وُقّع رمز التذكرة بمفتاح غير معروف هنا. حدّث المفاتيح المعلنة، فإن بقي كذلك فالتذكرة ليست منا.",
        "The code of the ticket is signed with a key that is not known here. Update the public keys; if it is still "
        "unknown, the ticket is not ours.",
    ),
    CodeFault.FORGED: Bilingual(
        "توقيع رمز التذكرة غير صحيح: غُيّر ما فيه أو زُوّر. لا تقبل التذكرة.",
        "The signature of the ticket's code is wrong: it was altered or forged. Do not accept the ticket.",
    ),
}


@frozen(kw_only=True)
class VerifiedCode:
    """A code whose signature is that of the key `key_id`. The claims may be out of date: see `RevokedTickets`."""

    claims: TicketClaims
    key_id: KeyId


@frozen
class UnsignedCode:
    """A bare appointment number. It proves nothing: look the number up."""

    number: AppointmentNumber


@frozen
class RefusedCode:
    """A text that is refused as a code. It is falsy. `key_id` is the key that it names, if it names one."""

    fault: CodeFault
    key_id: KeyId | None = None

    def message(self, language: Language) -> str:
        """The fault, and the next step. Raises `InvalidInput` for an unknown language."""
        return _MESSAGES[self.fault](language)

    def __bool__(self) -> bool:
        return False


ReadCode = VerifiedCode | UnsignedCode | RefusedCode
"""The result of reading a code."""
