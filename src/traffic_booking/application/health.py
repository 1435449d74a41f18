"""The health of a desk, as a value."""

from datetime import datetime
from typing import Final, Literal

from traffic_booking.domain.audit.feed import FeedPosition
from traffic_booking.domain.bidi import left_to_right
from traffic_booking.domain.bilingual import Bilingual, Language
from traffic_booking.domain.values import frozen

HealthCheckName = Literal["store", "clock", "rulebook", "calendar", "catalogue", "installed", "line"]

SENTENCES: Final[dict[HealthCheckName, tuple[Bilingual, Bilingual]]] = {
    "store": (
        Bilingual("قاعدة البيانات تستجيب.", "The store answers."),
        Bilingual("قاعدة البيانات لا تستجيب كما ينبغي.", "The store does not answer as it should."),
    ),
    "clock": (
        Bilingual("الساعة تعطي الوقت.", "The clock gives the time."),
        Bilingual("الساعة لا تعطي وقتًا صالحًا.", "The clock gives no valid time."),
    ),
    "rulebook": (
        Bilingual("توجد نسخة سارية من كتاب القواعد.", "A version of the rulebook is in force."),
        Bilingual("لا توجد نسخة سارية من كتاب القواعد.", "No version of the rulebook is in force."),
    ),
    "calendar": (
        Bilingual("قيود تقويم الدوام مقروءة كلها.", "Every entry of the working calendar can be read."),
        Bilingual("في تقويم الدوام قيود لا يمكن قراءتها.", "The working calendar has entries that can't be read."),
    ),
    "catalogue": (
        Bilingual("في الدليل فروع وخدمات.", "The catalogue has branches and services."),
        Bilingual("ليس في الدليل فروع أو خدمات.", "The catalogue has no branches or no services."),
    ),
    "installed": (
        Bilingual("أجزاء مكتب الحجز هي المثبّتة في قاعدة البيانات.", "The desk has the installed parts."),
        Bilingual(
            "ثُبّتت أجزاء أخرى بعد فتح مكتب الحجز؛ أعد فتحه.", "Other parts were installed since: open the desk anew."
        ),
    ),
    "line": (
        Bilingual("عدد الطلبات المنتظرة معتاد.", "The line of waiting requests is short."),
        Bilingual("عدد الطلبات المنتظرة كبير.", "The line of waiting requests is long."),
    ),
}
"""For each check, the sentence if it passes and the one if it fails."""

HEALTHY: Final = Bilingual("مكتب الحجز سليم.", "The desk is healthy.")
UNHEALTHY: Final = Bilingual("في مكتب الحجز خلل.", "The desk is not healthy.")


@frozen(kw_only=True)
class HealthCheck:
    """One check of a desk. `error` is the name of the class of the exception that failed it, if there was one."""

    name: HealthCheckName
    passed: bool
    error: str | None = None

    def text(self, language: Language) -> str:
        """Return the result as a sentence. Raises `InvalidInput` for an unknown language."""
        sentence = SENTENCES[self.name][0 if self.passed else 1](language)
        return sentence if self.error is None else f"{sentence} ({left_to_right(self.error, language)})"


@frozen(kw_only=True)
class Health:
    """The health of a desk, truthy if every check passed.

    `store` is the name of the store's class. `at` is the desk's time (UTC), and `rulebook` the version in force then.
    `waiting` counts the requests in line. The feed is complete up to `feed_position`. A value that could not be found
    out is None.
    """

    checks: tuple[HealthCheck, ...]
    store: str
    waiting: int
    at: datetime | None
    rulebook: str | None
    feed_position: FeedPosition | None

    def __bool__(self) -> bool:
        return all(check.passed for check in self.checks)

    def text(self, language: Language) -> str:
        """Return the result in one line, and the checks in a line each. Raises `InvalidInput` for another language."""
        return "\n".join([(HEALTHY if self else UNHEALTHY)(language), *(f"- {c.text(language)}" for c in self.checks)])
