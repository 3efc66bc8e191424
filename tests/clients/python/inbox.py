"""The server's message file, read as an inbox: one JSON object a line."""

import json
from contextlib import contextmanager
from pathlib import Path


class Sent:
    """What one action sent to one address."""

    def __init__(self):
        self.messages = []

    @property
    def message(self):
        """The only message; an action that sends two or none is a defect."""
        assert len(self.messages) == 1, f"expected one message, got {self.messages}"
        return self.messages[0]

    @property
    def code(self):
        """The code inside the only message."""
        return self.message["code"]


class Inbox:
    """Finds messages by the address they went to.

    The server flushes a message before the caller has its answer, so nothing here waits.
    """

    def __init__(self, path):
        self._path = Path(path)

    @contextmanager
    def messages_to(self, address):
        """Collects what the body of the `with` sends to the address."""
        sent = Sent()
        before = self._size()
        yield sent
        sent.messages += [line for line in self._lines_from(before) if line["to"] == address]

    def all_to(self, address):
        """What was ever sent to the address."""
        return [line for line in self._lines_from(0) if line["to"] == address]

    def _size(self):
        return self._path.stat().st_size if self._path.exists() else 0

    def _lines_from(self, offset):
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(offset)
            text = file.read()
        # Another client's line may still be half written; ours was flushed.
        return [json.loads(line) for line in text[: text.rfind(b"\n") + 1].splitlines()]


def other_code(code):
    """A code of the same form that is not the given one."""
    return code[:-1] + str((int(code[-1]) + 1) % 10)
