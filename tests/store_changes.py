"""Changes as a store gets them from a desk without a pseudonym key."""

from traffic_booking.domain.decisions.changes import Change
from traffic_booking.persistence.changes import store_change
from traffic_booking.persistence.persons import CURRENT, PersonKeys, PlainIds
from traffic_booking.ports.primitives import StoreChange

KEYS = PersonKeys([PlainIds()])
KEYS.take((CURRENT, 1, '[""]'))


def plain(change: Change) -> StoreChange:
    """The writes of `change`, without the wordings that it would need."""
    return store_change(change, KEYS)[0]
