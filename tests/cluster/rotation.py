"""Changes that are made on purpose while clients work, node by node: new keys, and another version."""

import time

from nodes import APART, NODES, POOL, root_key
from tokens import wait_for_key_sets

# Settings are kept for five seconds; what a busy machine adds.
LEASE = 5 + 5
# How long a node may take to find out that it lacks a root key.
NOTICED = 10


def restart(userpools, node, tally, ring=None):
    """A node that says itself when it stops being ready, and lets requests finish."""
    ended = userpools.stop_node(node)
    if ended:
        tally.accuse(f"node {node} ended with {ended} when it was asked to stop")
    userpools.start_node(node, ring)


def renew_signing_keys(userpools, held, tally):
    """New signing keys of the pool: published everywhere within the lease."""
    held.take("the first signing keys", NODES[0])
    before = wait_for_key_sets(userpools, 2, LEASE)
    userpools.command("keys", "renew", POOL)
    took = wait_for_key_sets(userpools, 4, LEASE)
    if before is None or took is None:
        tally.accuse("the nodes do not publish the same keys")
    held.take("signing keys renewed", NODES[1])
    held.check("signing keys renewed")


def rotate_root_keys(userpools, held, tally):
    """A root key is added, put first, and the older one goes; a node that lacks one is not ready."""
    first, second = userpools.ring[0], root_key("2")
    userpools.start_node(APART, [first])
    held.take("one root key", NODES[2])
    userpools.ring = [first, second]
    for node in NODES:
        restart(userpools, node, tally)
    held.check("two root keys, the older one first")
    if userpools.readiness(APART) != 200:
        tally.accuse("a node is not ready for want of a root key that nobody seals under")

    under_first = held.all()
    userpools.ring = [second, first]
    restart(userpools, NODES[0], tally)
    if not userpools.wait_for(APART, 503, NOTICED):
        tally.accuse("a node without a root key that others seal under says that it is ready")
    userpools.stop_node(APART)
    if not userpools.is_refused(APART, [first]):
        tally.accuse("a node without a root key that others seal under starts")
    for node in NODES[1:]:
        restart(userpools, node, tally)
    userpools.start_node(APART)
    held.take("two root keys, the newer one first", NODES[0])
    held.take("two root keys, the newer one first", APART)
    held.check("two root keys, the newer one first", (*NODES, APART))
    userpools.stop_node(APART)

    userpools.command("keys", "reseal")
    held.check("sealed anew")
    userpools.ring = [second]
    held.without_refresh(under_first)
    for node in NODES:
        restart(userpools, node, tally)
    held.check("the newer root key alone")


def upgrade(userpools, balancer, held, tally, newer, side_by_side):
    """Nodes of another version take over one by one, the first of them after it was taken back once."""
    older = userpools.binary
    held.take("the older version", NODES[1])

    def replace(node, binary):
        # The older version tells nobody that it stops before it does.
        balancer.take_out(node)
        time.sleep(0.3)
        ended = userpools.stop_node(node)
        if ended:
            tally.accuse(f"node {node} ended with {ended} when it was asked to stop")
        userpools.binary = binary
        userpools.start_node(node)
        balancer.put_in(node)

    replace(NODES[0], newer)
    time.sleep(side_by_side)
    held.take("two versions side by side, the newer", NODES[0])
    held.take("two versions side by side, the older", NODES[1])
    held.check("two versions side by side")
    replace(NODES[0], older)
    held.check("the newer version taken back")
    for node in NODES:
        replace(node, newer)
    held.check("the newer version alone")
