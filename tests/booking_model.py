"""A model of the desk in plain lists, written from the sentences of the rules: it imports nothing from the core.

Times are minutes from START (Sunday, 07:00 in Riyadh). The branches are those of the small town.
"""

from itertools import count

HORIZON = 60 * 24 * 60
CUT_OFF = 30
EARLY, LATE = 60, 15
HOLD_MINUTES = 10
PER_SERVICE, IN_ALL, HOLDS, MOVES = 1, 2, 1, 2
FIGURES = {
    "BK_04": {"days": HORIZON // (24 * 60)},
    "BK_07": {"appointments": PER_SERVICE},
    "BK_08": {"appointments": IN_ALL},
    "HD_01": {"holds": HOLDS, "minutes": HOLD_MINUTES},
    "CN_03": {"minutes": CUT_OFF},
    "MV_04": {"moves": MOVES},
    "MV_05": {"minutes": CUT_OFF},
    "AT_03": {"minutes": EARLY},
    "AT_04": {"minutes": LATE},
}
DURATIONS = {"renewal": 15, "transfer": 20, "foreign": 30}
OFFERED = {"north": {"renewal", "transfer", "foreign"}, "south": {"renewal", "transfer"}}
CLERK = "the clerk"


def in_timetable(branch, service, start):
    """Sunday to Thursday, 08:00 to 14:00, one start after another."""
    day, minute = divmod(7 * 60 + start, 24 * 60)
    length = DURATIONS[service]
    open_hours = day % 7 < 5 and minute >= 8 * 60 and minute + length <= 14 * 60
    return service in OFFERED[branch] and open_hours and (minute - 8 * 60) % length == 0


class BookingModel:
    """All entries. An entry's `state` is held, booked, here, cancelled or given back; a hold has an `until`."""

    def __init__(self, capacity):
        self.capacity = capacity
        self.now = 0
        self.entries = []
        self.names = count()

    def hold(self, actor, person, slot):
        """("held", name) or ("refused", rules)."""
        refused = self._against(actor, person, slot)
        if actor in {person, CLERK} and len(self._holds_for_others(person, slot)) >= HOLDS:
            refused.append("HD-01")
        if refused:
            return "refused", refused
        return "held", (self._own_hold(person, slot) or self._take(person, slot, "held"))["name"]

    def book(self, actor, person, slot, agreed):
        """("booked", name) or ("refused", rules)."""
        refused = self._against(actor, person, slot, agreed=agreed)
        if refused:
            return "refused", refused
        mine = self._own_hold(person, slot)
        if mine is None:
            mine = self._take(person, slot, "booked")
        else:
            self._give_back(person, slot)
            mine["state"] = "booked"
        mine["agreed"] = True
        return "booked", mine["name"]

    def move(self, actor, name, slot, agreed):
        """("moved", name) or ("refused", rules)."""
        entry = self.entry(name)
        if entry is None or actor not in {entry["person"], CLERK}:
            return "refused", ["MV-01"]
        person, state = entry["person"], entry["state"]
        entry["state"] = "on the way"  # neither its seat nor the entry itself counts against the move
        refused = self._against(actor, person, slot, agreed=agreed or entry["agreed"])
        entry["state"] = state
        refused += [
            *(["MV-02"] if state != "booked" else []),
            *(["MV-03"] if entry["slot"][1] != slot[1] else []),
            *(["MV-04"] if entry["moves"] >= MOVES else []),
            *(["MV-05"] if entry["slot"][2] - self.now <= CUT_OFF else []),
        ]
        if refused:
            return "refused", refused
        if entry["slot"] != slot:
            own = self._own_hold(person, slot)
            if own is not None:
                own["state"] = "given back"
            self._give_back(person, slot)
            entry["slot"] = slot
            entry["moves"] += 1
            entry["moved"] = True
        else:
            entry["moved"] = False
        return "moved", name

    def cancel(self, actor, name):
        """("cancelled", name) or ("refused", rules)."""
        entry = self.entry(name)
        if entry is None or actor not in {entry["person"], CLERK}:
            return "refused", ["CN-01"]
        if not (entry["state"] == "booked" or self._is_live_hold(entry)):
            return "refused", ["CN-02"]
        if entry["state"] == "booked" and entry["slot"][2] - self.now <= CUT_OFF:
            return "refused", ["CN-03"]
        entry["state"] = "cancelled"
        return "cancelled", name

    def check_in(self, actor, name):
        """("checked in", name) or ("refused", rules)."""
        entry = self.entry(name)
        if entry is None or actor != CLERK:
            return "refused", ["AT-01"]
        start = entry["slot"][2]
        refused = [
            *(["AT-02"] if entry["state"] != "booked" else []),
            *(["AT-03"] if self.now < start - EARLY else []),
            *(["AT-04"] if self.now > start + LATE else []),
        ]
        if refused:
            return "refused", refused
        entry["state"] = "here"
        return "checked in", name

    def entry(self, name):
        """The entry of that name."""
        return next((entry for entry in self.entries if entry["name"] == name), None)

    def seats(self, slot):
        """How many seats of the slot are taken: expired holds take none."""
        return sum(
            entry["slot"] == slot and (entry["state"] in {"booked", "here"} or self._is_live_hold(entry))
            for entry in self.entries
        )

    def active(self, person):
        """The person's entries that the limits count."""
        theirs = [entry for entry in self.entries if entry["person"] == person and self.now < self._end(entry["slot"])]
        return [entry for entry in theirs if entry["state"] in {"booked", "here"} or self._is_live_hold(entry)]

    def held(self):
        """The entries whose last state is a hold, expired or not."""
        return [entry for entry in self.entries if entry["state"] == "held"]

    def limits_to_come(self, slots):
        """The times, soonest first, at which a rule's result for one of these slots or for a hold changes."""
        limits = {entry["until"] for entry in self.held()}
        for slot in slots:
            limits |= {slot[2] - EARLY, slot[2] - CUT_OFF, slot[2], slot[2] + LATE, self._end(slot)}
        return sorted(limit for limit in limits if limit > self.now)

    def _against(self, actor, person, slot, *, agreed=True):
        branch, service, start = slot
        allowed = actor in {person, CLERK}
        mine = self.active(person) if allowed else []
        # Holds that this request books or gives back don't count against it.
        others = [entry for entry in mine if entry["state"] != "held" or entry["slot"][1] != service]
        held = allowed and self._own_hold(person, slot) is not None
        seats_taken = self.seats(slot) - held
        exists = in_timetable(branch, service, start)
        meets = [e for e in others if e["slot"][2] < self._end(slot) and start < self._end(e["slot"])]
        found = {
            "BK-01": service not in OFFERED[branch],
            "BK-02": not exists,
            "BK-03": start <= self.now,
            "BK-04": start > self.now + HORIZON,
            "BK-05": exists and seats_taken >= self.capacity,
            "BK-06": not agreed,
            "BK-07": sum(entry["slot"][1] == service for entry in others) >= PER_SERVICE,
            "BK-08": len(others) >= IN_ALL,
            "BK-09": bool(meets),
            "BK-10": service == "foreign",  # for residents; the model's people are citizens
            "BK-11": not allowed,
        }
        return [rule for rule, is_broken in found.items() if is_broken]

    def _holds_for_others(self, person, slot):
        return [e for e in self.active(person) if e["state"] == "held" and e["slot"][1] != slot[1]]

    def _own_hold(self, person, slot):
        return next((e for e in self.active(person) if e["state"] == "held" and e["slot"] == slot), None)

    def _give_back(self, person, slot):
        for entry in self.active(person):
            if entry["state"] == "held" and entry["slot"][1] == slot[1] and entry["slot"] != slot:
                entry["state"] = "given back"

    def _take(self, person, slot, state):
        self._give_back(person, slot)
        entry = {
            "name": next(self.names),
            "person": person,
            "slot": slot,
            "state": state,
            "until": self.now + HOLD_MINUTES,
            "agreed": False,
            "moves": 0,
        }
        self.entries.append(entry)
        return entry

    def _is_live_hold(self, entry):
        return entry["state"] == "held" and self.now < entry["until"]

    @staticmethod
    def _end(slot):
        return slot[2] + DURATIONS[slot[1]]
