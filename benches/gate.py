"""Counts the instructions of the arithmetic, and fails where a piece takes more than the committed figures allow.

    python3 benches/gate.py             compares; a piece may take 3 % more than its figure
    python3 benches/gate.py --accept    writes the counts of now to benches/instructions.txt

The arithmetic asks for no feature of the processor, so that its counts depend on the sources and the compiler alone, and
repeat to the last digit. The hashes around a signature do ask, but valgrind shows every processor as one of few, and
they are a thousandth of it. What the file was made with stands in its head.
"""

import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FIGURES = ROOT / "benches/instructions.txt"
ALLOWED = 1.03
HOW = "benches/run accept writes the counts of now to benches/instructions.txt; say in the commit why they changed"


def toolchain():
    """The compiler and the kind of processor that counts depend on."""
    version = subprocess.check_output(["rustc", "--version"], cwd=ROOT, text=True).strip()
    return f"{version}, {platform.machine()}"


def count(program, owner):
    """The mean instructions of each piece: {name: count}. Pieces are methods of `owner`; the program prints their calls."""
    with tempfile.TemporaryDirectory(prefix="userpool-callgrind-") as folder:
        out = os.path.join(folder, "callgrind.out")
        calls = subprocess.check_output(
            ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", *program],
            stdin=subprocess.DEVNULL,
            text=True,
        )
        table = subprocess.check_output(
            ["callgrind_annotate", "--inclusive=yes", "--threshold=100", "--show-percs=no", out],
            stderr=subprocess.DEVNULL,  # It warns of its own uninitialised values.
            text=True,
        )
    calls = {name: int(times) for name, times in map(str.split, calls.splitlines())}
    costs = {}
    for line in table.splitlines():
        cost, _, function = line.strip().partition(" ")
        found = re.search(rf"{owner}(?:>?::|\d+)([a-z_]+?)(?:E|17h|::h|'|\s|$)", function)
        if found and found[1] in calls and cost.replace(",", "").isdigit():
            # A function has a line for each file that code in it came from; the largest is the whole.
            whole = int(cost.replace(",", "")) // calls[found[1]]
            costs[found[1]] = max(costs.get(found[1], 0), whole)
    missing = calls.keys() - costs.keys()
    if missing:
        raise SystemExit(f"callgrind knows nothing of {', '.join(sorted(missing))}")
    return {name: costs[name] for name in calls}


def figures():
    """The committed counts, and what they were made with."""
    lines = FIGURES.read_text().splitlines()
    made_with = next(line for line in lines if line.startswith("# made with: ")).partition(": ")[2]
    pairs = (line.split() for line in lines if line and not line.startswith("#"))
    return {name: int(figure.replace(",", "")) for name, figure in pairs}, made_with


def accept(counts):
    """Makes the counts of now the figures."""
    head = [
        "# Instructions of each piece of the arithmetic under callgrind: what benches/gate.py compares with.",
        "# One operation each, from bytes to bytes; a signature is the mean of the 64 of one blinding pair.",
        f"# made with: {toolchain()}",
        "",
    ]
    width = max(map(len, counts))
    FIGURES.write_text("\n".join(head + [f"{name:<{width}} {figure:>12,}" for name, figure in counts.items()]) + "\n")


def main():
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    counts = count([target / "release/kernels"], "Kernels")
    if sys.argv[1:] == ["--accept"]:
        accept(counts)
        print(f"wrote {FIGURES.relative_to(ROOT)}")
        return
    expected, made_with = figures()
    now = toolchain()
    if now.rpartition(", ")[2] != made_with.rpartition(", ")[2]:
        print(f"no figures for this kind of processor: they were made with {made_with}")
        return
    failed = 0
    for name, figure in counts.items():
        before = expected.get(name)
        ratio = figure / before if before else float("inf")
        verdict = "SLOWER" if ratio > ALLOWED else "faster: accept it, so that it stays" if ratio < 2 - ALLOWED else "ok"
        failed += ratio > ALLOWED
        print(f"     {name:<32} {figure:>12,} instructions, {ratio:>7.4f} of the figure  {verdict}")
    if failed and now != made_with:
        print(f"the figures were made with {made_with}; this is {now}")
    if failed:
        print(f"a piece takes more than {ALLOWED - 1:.0%} more than before. Where that is meant: {HOW}")
    print(f"{len(counts) - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
