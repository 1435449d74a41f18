"""The results of sealing a log and of handing its checkpoints to witnesses."""

from typing import Final

from attrs import field

from traffic_booking.domain.bilingual import Bilingual
from traffic_booking.domain.errors import InvalidInput, shown
from traffic_booking.domain.number_input import bounded_number
from traffic_booking.domain.sealing.checkpoints import Checkpoint
from traffic_booking.domain.sealing.tree import MOST_LEAVES
from traffic_booking.domain.text_input import plain_text
from traffic_booking.domain.value_input import is_whole, keep_lists, of_type, reading_members, truth
from traffic_booking.domain.values import frozen

_LONGEST: Final = 2_048


def _name(value: str) -> str:
    return shown(plain_text(value, "name"), _LONGEST)


def _error(value: Bilingual | None) -> Bilingual | None:
    if value is not None and (type(value) is not Bilingual or not is_whole(value)):
        raise InvalidInput("error", got=type(value).__name__, expected="Bilingual, or None")
    return value


def _is_new(value: bool) -> bool:  # noqa: FBT001 - it converts one
    return truth(value, "is_new")


def _sealed(value: int) -> int:
    return bounded_number(value, "sealed", least=0, greatest=MOST_LEAVES)


@frozen(kw_only=True)
class WitnessResult:
    """The result of handing a checkpoint to a witness: `error` is the fault, None if the witness has it."""

    name: str = field(converter=_name)
    error: Bilingual | None = field(default=None, converter=_error)


@frozen(kw_only=True)
class SealReport:
    """The result of one run of a sealer: `sealed` entries were added, and `checkpoint` is the newest of the log.

    `is_new` is True if the run made the log. `witnesses` has one result for each witness, in their order.
    """

    checkpoint: Checkpoint = field(validator=of_type(Checkpoint))
    sealed: int = field(converter=_sealed)
    is_new: bool = field(default=False, converter=_is_new)
    witnesses: tuple[WitnessResult, ...] = ()

    @reading_members("witnesses")
    def __attrs_post_init__(self) -> None:
        keep_lists(self, witnesses=WitnessResult)
