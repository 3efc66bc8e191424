"""What clients asked and were told, and whether one thing after another could have told them so.

A password and an attribute are registers: a write puts a value that nobody else ever writes, a read finds one. A
history is linearizable where each request that took effect did so at one moment between its sending and its answer. A
write that was refused took none; one whose outcome is unknown took effect at any moment after its sending, or never.

With values that are written once this needs no search (Gibbons and Korach, Testing shared memories, 1997): the requests
about one value hold the register from the first of their answers to the last of their sendings. Where that is a stretch
of time, the value was there throughout, so that no two stretches overlap; where the answers come after all sendings,
one moment between them is enough, which another value's stretch must leave free.
"""

import dataclasses
import math
import threading
import time

OK, REFUSED, UNKNOWN_END = "ok", "refused", "unknown"


@dataclasses.dataclass(frozen=True)
class Event:
    """A request about one key: `kind` is `write`, `read`, or `miss` for a value that was looked for and not found."""

    key: str
    kind: str
    value: object
    sent: float
    told: float
    end: str = OK


class History:
    """The requests of all clients."""

    def __init__(self):
        self._lock = threading.Lock()
        self._events = {}

    def sending(self):
        return time.monotonic()

    def note(self, key, kind, value, sent, end=OK):
        told = math.inf if end == UNKNOWN_END else time.monotonic()
        event = Event(key, kind, value, sent, told, end)
        with self._lock:
            self._events.setdefault(key, []).append(event)

    def check(self):
        """How many keys and requests there are, and what is wrong with them."""
        wrong = [text for events in self._events.values() for text in faults_of(events)]
        return len(self._events), sum(map(len, self._events.values())), wrong


@dataclasses.dataclass
class Stretch:
    """When a value held the register, at the least."""

    value: object
    first_told: float
    last_sent: float

    @property
    def lasts(self):
        return self.first_told < self.last_sent


def faults_of(events):
    """Why one register cannot have told this; empty where it can."""
    wrong = []
    key = events[0].key
    writes = {}
    for event in events:
        if event.kind == "write" and event.end != REFUSED:
            if event.value in writes:
                wrong.append(f"{key}: {event.value} is written twice: the history is no use")
            writes[event.value] = event
    reads = {}
    for event in events:
        if event.kind != "read" or event.end != OK:
            continue
        write = writes.get(event.value)
        if write is None:
            wrong.append(f"{key}: {event.value} was found, and nobody wrote it")
        elif event.told < write.sent:
            wrong.append(f"{key}: {event.value} was found before it was written")
        else:
            reads.setdefault(event.value, []).append(event)
    stretches = []
    for value, write in writes.items():
        # Of a write without an answer nothing is known unless it was found.
        if write.end == UNKNOWN_END and value not in reads:
            continue
        of_value = [write, *reads.get(value, [])]
        stretches.append(Stretch(value, min(it.told for it in of_value), max(it.sent for it in of_value)))
    lasting = sorted((it for it in stretches if it.lasts), key=lambda it: it.first_told)
    for one, two in zip(lasting, lasting[1:]):
        if two.first_told < one.last_sent:
            wrong.append(f"{key}: {one.value} was there before and after {two.value}")
    for stretch in stretches:
        if stretch.lasts:
            continue
        covering = [it for it in lasting if it.first_told < stretch.last_sent and stretch.first_told < it.last_sent]
        if covering:
            wrong.append(f"{key}: {stretch.value} has no moment: {covering[0].value} was there throughout")
    wrong += misses(key, events, writes, {it.value: it for it in lasting})
    return wrong


def misses(key, events, writes, lasting):
    """The values that were looked for and not found although they were there."""
    wrong = []
    for event in events:
        write = writes.get(event.value)
        if event.kind != "miss" or write is None or event.sent < write.told:
            continue
        stretch = lasting.get(event.value)
        throughout = stretch and stretch.first_told < event.sent and event.told < stretch.last_sent
        later = any(it.sent < event.told and it.told > write.sent for it in writes.values() if it is not write)
        if throughout or not later:
            wrong.append(f"{key}: {event.value} was not found while it was there")
    return wrong
