"""What rules said, as JSON: an object with the word of each rule under its id, in the order in which they were heard.

A word is a list: whether the rule is kept, what was observed, the limit, the first instant, less what says nothing at
its end; where only the first is left it stands alone, without the list. An instant is `{"instant": …}`, as text and
whole numbers may be observed as well.
"""

from datetime import datetime
from json import loads
from json.encoder import encode_basestring
from typing import Final

from cattrs import Converter

from traffic_booking.domain.rules.verdict import Finding, Findings, Observation
from traffic_booking.persistence.exact import exactly, instant_of, instant_text

REMEMBERED_WORDS: Final = 4_096


def register_findings_form(converter: Converter) -> None:
    """Teach `converter` findings and observations."""
    converter.register_unstructure_hook(Observation, _observation_data)
    converter.register_structure_hook(Observation, lambda data, _: _observation(data))
    converter.register_unstructure_hook(Findings, lambda findings: loads(findings_text(findings)))
    converter.register_structure_hook(Findings, lambda data, _: _findings(data))


def findings_text(findings: Findings) -> str:
    """The findings as JSON text; written by hand, as every decision has a word of every rule."""
    known = _REMEMBERED.get
    words = [known(said) or _text(said) for said in zip(findings.rule_ids, findings.words, strict=True)]
    return f"{{{','.join(words)}}}"


def _text(said: tuple[str, Finding]) -> str:
    """A rule's id with its word; those of rules that are kept are remembered: what breaks one may have been typed."""
    text = _written(*said)
    if said[1][0]:
        if len(_REMEMBERED) >= REMEMBERED_WORDS:
            _REMEMBERED.clear()
        _REMEMBERED[said] = text
    return text


def _written(rule_id: str, finding: Finding) -> str:
    granted, *word = finding
    while word and word[-1] is None:
        word.pop()
    kept = "true" if granted else "false"
    parts = ",".join([kept, *map(_observation_text, word)])
    return f"{encode_basestring(rule_id)}:{f'[{parts}]' if word else kept}"


_REMEMBERED: Final[dict[tuple[str, Finding], str]] = {}
"""By a finding that equals it: 1 would be found in the place of `True`, but no check observes a truth value."""


def _observation_text(observation: Observation) -> str:
    match observation:
        case None:
            return "null"
        case datetime():
            return f'{{"instant":"{instant_text(observation)}"}}'
        case str():
            return encode_basestring(observation)
        case _:
            return int.__repr__(observation)


def _observation_data(observation: Observation) -> object:
    return {"instant": instant_text(observation)} if isinstance(observation, datetime) else observation


def _observation(data: object) -> Observation:
    match data:
        case bool():
            raise TypeError("got a truth value; expected text, a whole number, an instant or nothing")
        case None | str() | int():
            return data
        case {"instant": text, **others} if not others:
            return instant_of(text)
        case _:
            raise TypeError(f"got {type(data).__name__}; expected text, a whole number, an instant or nothing")


def _findings(data: object) -> Findings:
    words = {exactly(rule_id, str): _word(word) for rule_id, word in exactly(data, dict).items()}
    return Findings(tuple(words), tuple(words.values()))


def _word(data: object) -> Finding:
    told = [data] if isinstance(data, bool) else exactly(data, list)
    granted, observed, limit, allowed_from = (*told, None, None, None)[:4]
    from_ = _observation(allowed_from)
    if from_ is not None and not isinstance(from_, datetime):
        raise TypeError("got another observation; expected an instant")
    return exactly(granted, bool), _observation(observed), _observation(limit), from_
