"""What replies and accepted requests have told, so that later requests speak of what there is."""

import collections

# Where a member is named otherwise than where its value goes.
ASKED_AS = {
    ("UserPool", "Id"): ["UserPoolId"],
    ("UserPools", "Id"): ["UserPoolId"],
    ("UserPool", "Arn"): ["ResourceArn"],
    ("AuthenticationResult", "AccessToken"): ["AccessToken"],
    ("AuthenticationResult", "RefreshToken"): ["RefreshToken", "Token"],
    ("NewDeviceMetadata", "DeviceKey"): ["DeviceKey"],
    ("Events", "EventId"): ["EventId"],
}
KEPT = 12
WORLDS = 4


class World:
    """A pool, and what is known about it."""

    def __init__(self, pinned):
        self.pinned = pinned  # What is spoken of most, so that requests fit each other.
        self.values = collections.defaultdict(lambda: collections.deque(maxlen=KEPT))


class Known:
    """The last worlds; a request speaks of one of them, and rarely of two."""

    def __init__(self):
        self.worlds = collections.deque([World({})], maxlen=WORLDS)
        self.now = self.worlds[0]

    def begin(self):
        """A new world."""
        self.worlds.append(World({}))
        self.now = self.worlds[-1]

    def choose(self, rng):
        """The world of the next request."""
        self.now = rng.choice(self.worlds)

    def tell(self, value, above="", name=""):
        """Keeps the texts of a request or a reply under the names that requests have for them."""
        if isinstance(value, dict):
            for inner, kept in value.items():
                self.tell(kept, name or above, inner)
        elif isinstance(value, list):
            for kept in value:
                self.tell(kept, above, name)
        elif isinstance(value, str) and value and len(value) < 6000:
            for asked in ASKED_AS.get((above, name), [name]):
                if value not in self.now.values[asked]:
                    self.now.values[asked].append(value)

    def one(self, name, rng):
        """A value of that name, or none."""
        world = self.now if rng.random() < 0.95 else rng.choice(self.worlds)
        if name in world.pinned and rng.random() < 0.85:
            return world.pinned[name]
        values = world.values.get(name)
        return rng.choice(values) if values else None
