"""The result of one rule: a finding while deciding, a verdict for readers."""

from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from traffic_booking.domain.appointments.states import AppointmentState
from traffic_booking.domain.bidi import left_to_right
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.calendars.day import instant_text
from traffic_booking.domain.instants import whole_minute_from
from traffic_booking.domain.places.services import Holder
from traffic_booking.domain.values import frozen, masked, with_masked_repr
from traffic_booking.domain.wording import counted, filled

Observation = str | int | datetime | None
"""An observed or allowed value: a count, a name, or an instant (UTC); None if the rule measures nothing."""


class Result(StrEnum):
    """The result of a rule. One that has nothing to evaluate is not applicable, and refuses nothing."""

    KEPT = "kept"
    BROKEN = "broken"
    NOT_APPLICABLE = "not applicable"


@with_masked_repr
class Finding(NamedTuple):
    """The result of a check, with the observed value, the limit, and `Verdict.allowed_from`."""

    result: Result
    observed: Observation = None
    limit: Observation = None
    allowed_from: datetime | None = None


KEPT: Final = Finding(Result.KEPT)
BROKEN: Final = Finding(Result.BROKEN)
"""The findings of rules that measure nothing."""
NOT_APPLICABLE: Final = Finding(Result.NOT_APPLICABLE)
"""The finding of a rule that has nothing to evaluate, or that comes after a broken one."""

NOT_ASSERTED: Final = "not asserted"
"""The observation if the host vouches for nothing that the service needs."""

OBSERVED_WORDS: Final = {
    **{state.value: state.label for state in AppointmentState},
    Holder.CITIZEN.value: Bilingual("مواطن", "citizen"),
    Holder.RESIDENT.value: Bilingual("مقيم", "resident"),
    NOT_ASSERTED: Bilingual("لم يُفد به", "not asserted"),
    "medical-check": Bilingual("الفحص الطبي", "medical check"),
    "driving-test-passed": Bilingual("اختبار القيادة", "driving test"),
    "violations-settled": Bilingual("سداد المخالفات المرورية", "payment of traffic violations"),
    "fee-paid": Bilingual("سداد رسوم الخدمة", "payment of the fee"),
    "insurance-valid": Bilingual("التأمين الساري", "valid insurance"),
    "inspection-valid": Bilingual("الفحص الفني الدوري", "periodic inspection"),
}
"""The words for the observations of the shipped rules and for common conditions; any other is shown as it is."""

_KEPT, _BROKEN = Result.KEPT, Result.BROKEN  # a look-up in the enum is slow
_new_tuple: Final = tuple.__new__  # half the time of a call of the class, and a decision makes a dozen findings


def kept(observed: Observation, limit: Observation) -> Finding:
    """The finding of a kept rule that measures something."""
    return _new_tuple(Finding, (_KEPT, observed, limit, None))


def broken(observed: Observation, limit: Observation, allowed_from: datetime | None = None) -> Finding:
    """The finding of a broken rule that measures something."""
    return _new_tuple(Finding, (_BROKEN, observed, limit, allowed_from))


def measured(is_kept: bool, observed: Observation, limit: Observation, allowed_from: datetime | None = None) -> Finding:  # noqa: FBT001 - the result
    """The finding of a rule that measures something; a kept one has no `allowed_from`."""
    if is_kept:
        return _new_tuple(Finding, (_KEPT, observed, limit, None))
    return _new_tuple(Finding, (_BROKEN, observed, limit, allowed_from))


@frozen
class Verdict:
    """One rule's result on one request, the observed value, and the limit.

    `statement` is the rule's sentence with its figures; call it with a language. `refusal` is the template of
    `message`. `allowed_from` is the first instant (UTC) at which this rule, in the version that decided, would grant
    the same request if only time passes and the applicant attends their appointments. None: time alone doesn't change
    the result.
    """

    rule_id: str
    result: Result
    statement: Bilingual
    refusal: Bilingual
    observed: Observation = None
    limit: Observation = None
    allowed_from: datetime | None = None

    @property
    def granted(self) -> bool:
        """True unless the rule is broken."""
        return self.result is not _BROKEN

    def message(self, language: Language) -> str:
        """The text for the applicant: what is wrong and what to do next. For a rule that is not broken, its sentence.

        Instants are in the time of Riyadh. Raises `InvalidInput` for an unknown language.
        """
        if self.result is not _BROKEN:
            return self.statement(language)
        return filled(self.refusal(language), self._values(language))

    def _values(self, language: Language) -> dict[str, str | None]:
        """The values of the places in a refusal."""
        met, wanted = (each.split(", ") if isinstance(each, str) else [] for each in (self.observed, self.limit))
        missing = [one for one in wanted if one not in met]
        years = counted(self.limit, "years")(language) if isinstance(self.limit, int) else None
        return {
            "observed": _shown(self.observed, language),
            "limit": _shown(self.limit, language),
            "limit years": years,
            "missing": _shown(", ".join(missing) or None, language),
            "allowed_from": _shown(self.allowed_from and whole_minute_from(self.allowed_from), language),
        }

    @property
    def finding(self) -> Finding:
        """The result without the sentence."""
        return Finding(self.result, self.observed, self.limit, self.allowed_from)


def _shown(value: Observation, language: Language) -> str | None:
    """A value as it is read: instants, states, holders and conditions in words."""
    match value:
        case datetime():
            return instant_text(value, language)
        case str():
            return ("، " if language == "ar" else ", ").join(_word(each, language) for each in value.split(", "))
        case _:
            return None if value is None else str(value)


def _word(tag: str, language: Language) -> str:
    if tag in OBSERVED_WORDS:
        return OBSERVED_WORDS[tag](language)
    return left_to_right(masked(tag), language)


@frozen
class Findings:
    """The result of each rule, in the documented order; `results` has one for each of `rule_ids`."""

    rule_ids: tuple[str, ...] = ()
    results: tuple[Finding, ...] = ()

    def __getitem__(self, rule_id: str) -> Finding:
        return self.results[self.rule_ids.index(rule_id)]

    @property
    def broken(self) -> tuple[str, ...]:
        """The ids of the broken rules."""
        pairs = zip(self.rule_ids, self.results, strict=True)
        return tuple(rule_id for rule_id, finding in pairs if finding.result is _BROKEN)

    def of_broken(self) -> "Findings":
        """The findings of the broken rules alone."""
        broken = self.broken
        return Findings(broken, tuple(self[rule_id] for rule_id in broken)) if broken else NO_FINDINGS


NO_FINDINGS: Final = Findings()
"""The findings of a granted request."""
