"""One line for each bar: what was measured, the figure, the limit, and whether it holds."""

import sys

_missed = 0
_met = 0


def bar(name, figure, limit, unit, at_least=False):
    """Prints one bar and remembers whether it holds."""
    global _missed, _met
    holds = figure >= limit if at_least else figure <= limit
    sign = ">=" if at_least else "<="
    digits = 0 if limit >= 1_000 else 3
    verdict = "ok" if holds else "MISSED"
    print(f"bar  {name:<52} {figure:>14,.{digits}f} {sign} {limit:>10,.{digits}f} {unit:<6} {verdict}", flush=True)
    if holds:
        _met += 1
    else:
        _missed += 1
    return holds


def note(name, text):
    """Prints a figure that has no bar."""
    print(f"     {name:<52} {text}", flush=True)


def finish():
    """Ends the program: 1 if a bar was missed."""
    print(f"{_met} passed, {_missed} failed", flush=True)
    sys.exit(1 if _missed else 0)
