"""Texts that a pattern of the service model allows, and whether it allows a text."""

import re
import string
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import sre_constants as what
    import sre_parse

warnings.simplefilter("ignore", FutureWarning)

LETTERS = string.ascii_letters + string.digits
# Beside letters of ASCII: of two, three and four bytes, a mark that joins, punctuation and a symbol.
WIDE = LETTERS + "éßЖ漢字\u0301😀!?@+€.-"
CLASSES = {
    what.CATEGORY_DIGIT: string.digits,
    what.CATEGORY_WORD: LETTERS + "_",
    what.CATEGORY_SPACE: " \t",
    what.CATEGORY_NOT_SPACE: WIDE,
    what.CATEGORY_NOT_DIGIT: string.ascii_letters,
    what.CATEGORY_NOT_WORD: "-.",
}


def without_properties(pattern):
    """The pattern with classes of Unicode properties, which `re` does not know, as classes that allow no less."""
    pattern = re.sub(r"\[\^_\\p\{Z\}\]", r"[^_\\s]", pattern)
    spaces = re.search(r"\[[^\]]*\\p\{L\}[^\]]*(\\s| |\\p\{Z\})[^\]]*\]", pattern)
    allowed = r"[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f]" if spaces else r"[^\\x00-\\x20]"
    return re.sub(r"\[[^\]]*\\p\{L\}[^\]]*\]", allowed, pattern)


class Texts:
    """Texts of one pattern."""

    def __init__(self, pattern):
        self.pattern = pattern
        translated = without_properties(pattern)
        self.check = re.compile(translated)
        self.tree = sre_parse.parse(translated)

    def allows(self, text):
        return self.check.fullmatch(text) is not None

    def one(self, rng, least=0, most=None):
        """A text that the pattern allows, of between `least` and `most` characters; none where chance finds none."""
        for longer in (0, 0, 1, 2, 3, 4, 5, 6):
            text = self._of(self.tree, rng, 12 + least * longer)
            if least <= len(text) and (most is None or len(text) <= most) and self.allows(text):
                return text
        return None

    def _of(self, tree, rng, room):
        return "".join(self._item(kind, value, rng, room) for kind, value in tree)

    def _item(self, kind, value, rng, room):
        if kind is what.LITERAL:
            return chr(value)
        if kind is what.NOT_LITERAL or kind is what.ANY:
            return rng.choice(WIDE)
        if kind is what.IN:
            return self._one_of(value, rng)
        if kind in (what.MAX_REPEAT, what.MIN_REPEAT):
            low, high, tree = value
            high = low + room if high is what.MAXREPEAT else min(high, low + room)
            return "".join(self._of(tree, rng, room) for _ in range(rng.randint(low, high)))
        if kind is what.SUBPATTERN:
            return self._of(value[3], rng, room)
        if kind is what.BRANCH:
            return self._of(rng.choice(value[1]), rng, room)
        return ""  # Of places between characters, `check` decides.

    @staticmethod
    def _one_of(choices, rng):
        if choices[0][0] is what.NEGATE:
            return rng.choice(WIDE.replace("_", ""))
        kind, value = rng.choice(choices)
        if kind is what.RANGE:
            return chr(rng.randint(*value))
        if kind is what.CATEGORY:
            return rng.choice(CLASSES[value])
        return chr(value)
