"""The checker lets pass what can have been, and nothing else."""

import math
import random
import unittest

from history import OK, REFUSED, UNKNOWN_END, Event, faults_of


def write(value, sent, told, end=OK):
    return Event("k", "write", value, sent, math.inf if end == UNKNOWN_END else told, end)


def read(value, sent, told):
    return Event("k", "read", value, sent, told)


def miss(value, sent, told):
    return Event("k", "miss", value, sent, told)


class Histories(unittest.TestCase):
    def passes(self, *events):
        self.assertEqual(faults_of(list(events)), [])

    def fails(self, word, *events):
        self.assertIn(word, " ".join(faults_of(list(events))))

    def test_one_after_another_passes(self):
        self.passes(write(1, 0, 1), read(1, 2, 3), write(2, 4, 5), read(2, 6, 7))

    def test_a_read_beside_a_write_finds_the_old_or_the_new(self):
        self.passes(write(1, 0, 1), write(2, 2, 5), read(1, 3, 4), read(2, 3, 4))

    def test_an_acknowledged_write_that_is_gone_fails(self):
        self.fails("has no moment", write(1, 0, 1), write(2, 2, 3), read(1, 4, 5))

    def test_a_write_that_is_lost_before_anybody_saw_it_fails(self):
        # Nobody ever finds 2, which was acknowledged between two finds of 1.
        self.fails("has no moment", write(1, 0, 1), read(1, 1.5, 1.8), write(2, 2, 3), read(1, 4, 5))

    def test_a_write_that_is_applied_twice_fails(self):
        self.fails("before and after", write(1, 0, 1), write(2, 2, 3), read(2, 4, 5), read(1, 6, 7))

    def test_a_write_of_unknown_outcome_that_is_applied_twice_fails(self):
        history = [write(1, 0, 1), write(2, 2, 0, UNKNOWN_END), read(2, 4, 5), write(3, 6, 7), read(3, 8, 9)]
        self.passes(*history)
        self.fails("before and after", *history, read(2, 10, 11))

    def test_a_write_of_unknown_outcome_may_come_late_or_never(self):
        unknown = write(2, 2, 0, UNKNOWN_END)
        self.passes(write(1, 0, 1), unknown, read(1, 3, 4), write(3, 5, 6), read(3, 7, 8))
        self.passes(write(1, 0, 1), unknown, read(1, 3, 4), write(3, 5, 6), read(3, 7, 8), read(2, 9, 10))

    def test_a_write_of_unknown_outcome_does_not_come_before_it_was_sent(self):
        self.fails("before it was written", write(1, 0, 1), read(2, 2, 3), write(2, 4, 0, UNKNOWN_END))

    def test_a_refused_write_that_is_found_fails(self):
        self.fails("nobody wrote it", write(1, 0, 1), write(2, 2, 3, REFUSED), read(2, 4, 5))

    def test_a_value_that_nobody_wrote_fails(self):
        self.fails("nobody wrote it", write(1, 0, 1), read(7, 2, 3))

    def test_two_readers_who_disagree_on_the_order_fail(self):
        # Both writes are under way; who found 2 and then 1 cannot be with who found 1 and then 2.
        writes = [write(1, 0, 9), write(2, 0, 9)]
        self.passes(*writes, read(1, 1, 2), read(2, 3, 4))
        self.fails("has no moment", *writes, read(1, 1, 2), read(2, 3, 4), read(1, 5, 6))

    def test_a_stale_read_at_another_node_fails(self):
        self.fails("before and after", write(1, 0, 1), write(2, 2, 3), read(2, 3.5, 4), read(1, 4.5, 5))

    def test_a_password_refused_while_it_was_in_force_fails(self):
        history = [write(1, 0, 1), read(1, 6, 7)]
        self.fails("not found while it was there", *history, miss(1, 2, 3))
        self.passes(*history, write(2, 7, 10), miss(1, 8, 9))
        self.passes(write(1, 0, 1), write(2, 2, 5), miss(1, 3, 4))

    def test_a_password_that_was_told_and_is_gone_fails_though_nobody_finds_it_again(self):
        self.fails("not found while it was there", write(1, 0, 1), miss(1, 2, 3))
        self.fails("not found while it was there", write(1, 0, 1), write(2, 2, 3), miss(2, 4, 5))
        self.passes(write(1, 0, 1), write(2, 2, 0, UNKNOWN_END), miss(1, 4, 5))
        self.passes(write(1, 0, 4), miss(1, 2, 3))

    def test_it_judges_as_a_search_of_all_orders_does(self):
        chance = random.Random(9)
        judged = {True: 0, False: 0}
        for _ in range(4_000):
            history = some_history(chance)
            found = has_an_order(history)
            judged[found] += 1
            self.assertEqual(not faults_of(history), found, history)
        self.assertGreater(min(judged.values()), 500, judged)


def some_history(chance):
    """Up to three writes and four reads at moments of which no two are the same."""
    moments = chance.sample(range(100), 14)
    values = range(1, 1 + chance.randint(1, 3))
    events = []
    for value in values:
        sent, told = sorted((moments.pop(), moments.pop()))
        events.append(write(value, sent, told, UNKNOWN_END if chance.random() < 0.3 else OK))
    for _ in range(chance.randint(1, 4)):
        sent, told = sorted((moments.pop(), moments.pop()))
        events.append(read(chance.choice(values), sent, told))
    return events


def has_an_order(events, value=None):
    """Whether the requests can be put one after another, but for writes that never came about."""
    if all(event.end == UNKNOWN_END for event in events):
        return True
    first_told = min(event.told for event in events)
    for event in events:
        if event.sent > first_told or (event.kind == "read" and event.value != value):
            continue
        rest = [it for it in events if it is not event]
        if has_an_order(rest, event.value if event.kind == "write" else value):
            return True
    return False


if __name__ == "__main__":
    unittest.main()
