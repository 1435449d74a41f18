"""Findings of rules, as JSON-able data: observed, limit and first instant of a broken rule, without trailing None.

An instant is `{"instant": …}`, as text and whole numbers may be observed as well.
"""

from datetime import datetime
from typing import Any

from traffic_booking.domain.rules.verdict import Finding, Observation
from traffic_booking.persistence.exact import instant_of, instant_text


def finding_data(finding: Finding) -> list[object]:
    """The finding of a broken rule."""
    data = [observation_data(each) for each in finding[1:]]
    while data and data[-1] is None:
        data.pop()
    return data


def finding_of(data: list[Any]) -> Finding:
    """The finding of a broken rule that `data` stands for."""
    observed, limit, allowed_from = (observation_of(each) for each in (*data, None, None, None)[:3])
    if allowed_from is not None and not isinstance(allowed_from, datetime):
        raise TypeError("got another observation; expected an instant")
    return False, observed, limit, allowed_from


def observation_data(observation: Observation) -> object:
    """An observation as JSON-able data."""
    return {"instant": instant_text(observation)} if isinstance(observation, datetime) else observation


def observation_of(data: object) -> Observation:
    """The observation that `data` stands for."""
    match data:
        case bool():
            raise TypeError("got a truth value; expected text, a whole number, an instant or nothing")
        case None | str() | int():
            return data
        case {"instant": text, **others} if not others:
            return instant_of(text)
        case _:
            raise TypeError(f"got {type(data).__name__}; expected text, a whole number, an instant or nothing")
