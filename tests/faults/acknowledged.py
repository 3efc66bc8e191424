"""What the server has acknowledged about each user: the only values that may be found after a restart."""

import enum


class Unset(enum.Enum):
    """The value of a user that does not exist."""

    GONE = "gone"


GONE = Unset.GONE


class Fact:
    """One value of a user: certain, or one of several while a write has no answer."""

    def __init__(self, value):
        self.possible = [value]

    @property
    def value(self):
        """The certain value."""
        (value,) = self.possible
        return value

    @property
    def certain(self):
        return len(self.possible) == 1

    def acknowledged(self, value):
        """A write of the value was answered."""
        self.possible = [value]

    def unanswered(self, value):
        """A write of the value was sent and its answer never came."""
        if value not in self.possible:
            self.possible.append(value)

    def found(self, value):
        """Takes what was found as certain from now on; whether it was possible."""
        was_possible = value in self.possible
        self.possible = [value]
        return was_possible


class User:
    """What is known of one user."""

    def __init__(self, name, profile):
        self.name = name
        # The profile is one value, so that half of a write is none of the possible values.
        self.profile = Fact(profile)
        self.password = Fact(None)
        # Refresh tokens, each alive (True) or revoked (False).
        self.grants = {}
        # What must be signed in with to be checked since it was last looked at.
        self.changed = True

    def exists(self):
        return self.profile.possible != [GONE]


def profile_of(listed):
    """The profile of a user as ListUsers tells it."""
    attributes = {attribute["Name"]: attribute["Value"] for attribute in listed["Attributes"]}
    return (
        listed["UserStatus"],
        listed["Enabled"],
        attributes.get("name"),
        attributes.get("nickname"),
    )
