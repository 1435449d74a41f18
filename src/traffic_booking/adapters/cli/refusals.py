"""Refusals: each broken rule with what was observed."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from traffic_booking import Language, Refused
from traffic_booking.adapters.cli import words
from traffic_booking.adapters.cli.machine_form import verdict_form
from traffic_booking.adapters.cli.options import Options
from traffic_booking.adapters.cli.reply import REFUSED, Facts, Listing, Part, Reply, Sentence

LEGAL_TIME: Final = ZoneInfo("Asia/Riyadh")


def refusal(
    options: Options, refused: Refused, request_id: str, before: tuple[Part, ...] = (), after: tuple[Part, ...] = ()
) -> Reply:
    """The reply to a request that rules refuse: every broken one; instants as clocks in Riyadh show them."""
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


def shown(value: object, language: Language) -> str:
    """What a rule observed or allows, as people read it; instants as clocks in Riyadh show them."""
    if isinstance(value, datetime):
        return f"{value.astimezone(LEGAL_TIME):%Y-%m-%d %H:%M}"
    return "" if value is None else words.tags_in(str(value), language)
