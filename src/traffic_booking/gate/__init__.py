"""The gate that works without a store: a signed list of the day, public keys, and a journal of scans.

A device at the door opens the list that a desk exported, scans tickets, and keeps each scan in its journal. Later,
`desk.gate.merge(read_journal(path), by=clerk)` records what happened. Both sides answer by the same rules.
"""

from traffic_booking.gate.journal import read_journal
from traffic_booking.gate.list_file import day_list_document, read_day_list
from traffic_booking.gate.offline import OfflineGate

__all__ = ["OfflineGate", "day_list_document", "read_day_list", "read_journal"]
