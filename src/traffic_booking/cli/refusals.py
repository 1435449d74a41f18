"""Refusals: each broken rule with what was observed; and requests that were throttled."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from traffic_booking import Bilingual, Language, Refused, Throttled
from traffic_booking.cli import words
from traffic_booking.cli.machine_form import verdict_form
from traffic_booking.cli.options import Options
from traffic_booking.cli.reply import REFUSED, Facts, Listing, Part, Reply, Sentence

LEGAL_TIME: Final = ZoneInfo("Asia/Riyadh")


def refusal(
    options: Options,
    refused: Refused | Throttled,
    request_id: str,
    before: tuple[Part, ...] = (),
    after: tuple[Part, ...] = (),
) -> Reply:
    """The reply to a request that rules refuse, with every broken one, or that was throttled.

    Instants are shown as clocks in Riyadh show them.
    """
    if isinstance(refused, Throttled):
        return _throttled(options, refused, request_id)
    listing = Listing(
        headers=(words.RULE, words.STATEMENT, words.OBSERVED, words.LIMIT, words.ALLOWED_FROM),
        rows=[
            (
                verdict.rule_id,
                verdict.statement(options.spoken),
                shown(verdict.observed, options.spoken),
                shown(verdict.limit, options.spoken),
                shown(verdict.allowed_from, options.spoken),
            )
            for verdict in refused.verdicts
        ],
    )
    form = {
        "outcome": "refused",
        "request_id": request_id,
        "verdicts": [verdict_form(verdict) for verdict in refused.verdicts],
    }
    told = (Sentence(words.REFUSED, loud=True), listing, Facts(((words.REQUEST_ID, request_id),)))
    return Reply(options, form, (*before, *told, *after), exit_code=REFUSED)


def _throttled(options: Options, throttled: Throttled, request_id: str) -> Reply:
    allowed_from = throttled.allowed_from.astimezone(LEGAL_TIME)
    form = {"outcome": "throttled", "request_id": request_id, "allowed_from": allowed_from.isoformat()}
    sentence = Bilingual(throttled.statement("ar"), throttled.statement("en"))
    facts = Facts(((words.ALLOWED_FROM, f"{allowed_from:%Y-%m-%d %H:%M:%S}"), (words.REQUEST_ID, request_id)))
    return Reply(options, form, (Sentence(sentence, loud=True), facts), exit_code=REFUSED)


def shown(value: object, language: Language) -> str:
    """What a rule observed or allows, as people read it; instants as clocks in Riyadh show them."""
    if isinstance(value, datetime):
        return f"{value.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M}"
    return "" if value is None else words.tags_in(str(value), language)
