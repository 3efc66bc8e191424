"""A directory of a million users in the embedded store, beside one of a thousand.

The program `directory` fills a store with each, and asks both the same questions, whose answers are of the same size.
Callgrind counts the instructions of a question, the store's among them; a wrapper around the store counts what is read. Then the server serves each store, users are imported into each, and each pool is deleted
while others sign in to another one.

USERPOOL_USERS is how many users the large one has, USERPOOL_ROWS how many are imported.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from bars import bar, finish, note

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROGRAM = TARGET / "release/directory"
FEW = 1_000
MANY = int(os.environ.get("USERPOOL_USERS", 1_000_000))
ROWS = int(os.environ.get("USERPOOL_ROWS", 100_000))
# What a question may cost in the large directory, as a multiple of what it costs in the small one.
GROWTH = 1.3
# How many writes a batch of the store may have, and what is left to others while a pool is deleted.
BATCH = 64
LEFT = 0.5


def run(*arguments):
    """What the program prints, line by line."""
    printed = subprocess.check_output([PROGRAM, *map(str, arguments)], stdin=subprocess.DEVNULL, text=True)
    return [json.loads(line) for line in printed.splitlines()]


def asked(store):
    """Each question with the instructions that it took, and those among them that powers and RSA took."""
    out = store.with_suffix(".callgrind")
    question = "*directory::counting::question"
    printed = subprocess.check_output(
        # One processor, so that the thread that asks does all the arithmetic.
        [*(["taskset", "-c", "0"] if shutil.which("taskset") else [])]
        + ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", "--collect-atstart=no"]
        + [f"--toggle-collect={question}", f"--dump-after={question}", PROGRAM, "ask", store],
        stdin=subprocess.DEVNULL,
        text=True,
    )
    questions = [json.loads(line) for line in printed.splitlines()]
    for number, question in enumerate(questions, 1):
        dump = pathlib.Path(f"{out}.{number}").read_text()
        question["instructions"] = int(re.search(r"^totals: (\d+)", dump, re.M)[1])
        question["arithmetic"] = inclusive(dump, "slow_arithmetic")
    return questions


def inclusive(dump, name):
    """What the calls of a function cost, in a dump of callgrind's."""
    # A name stands behind its number where it comes first.
    number = re.search(rf"fn=\((\d+)\) \S*\b{name}\b", dump)
    if not number:
        return 0
    calls = re.finditer(rf"^cfn=\({number[1]}\).*\ncalls=.*\n\S+ (\d+)$", dump, re.M)
    return sum(int(call[1]) for call in calls)


def measure(folder, users):
    """All figures of one size."""
    store = folder / f"{users}.redb"
    store.unlink(missing_ok=True)
    print(f"filling a store with {users:,} users", file=sys.stderr, flush=True)
    figures = {"fill": run("fill", store, users)[0], "compact": run("compact", store)[0]}
    figures["serve"] = run("serve", TARGET / "release/userpool", store)[0]
    figures["import"] = run("import", store, ROWS if users == MANY else FEW)[0]
    figures["asked"] = asked(store)
    figures["beside"], figures["delete"] = run("delete", store)
    store.unlink()
    return figures


def report(few, many):
    print(f"     {'':<52} {f'{FEW:,} users':>14} {f'{MANY:,} users':>14}")
    pairs = list(zip(few["asked"], many["asked"]))
    for small, large in pairs:
        note(
            f"{small['name']} ({small['told']})",
            f"{small['instructions']:>14,} {large['instructions']:>14,} instructions, "
            f"{small['read']} and {large['read']} keys and entries read",
        )
        if small["told"] != large["told"]:
            sys.exit(f"{small['name']}: {small['told']} and {large['told']} users are told")
    for small, large in pairs:
        if small["arithmetic"]:
            outside = [size["instructions"] - size["arithmetic"] for size in (small, large)]
            note(f"  {small['name']}, outside powers and RSA", f"{outside[0]:>14,} {outside[1]:>14,} instructions")
    # What the last one does, a round of a deletion, is no operation: it is held to its batches below.
    for small, large in pairs[:-1]:
        name = small["name"]
        bar(f"{name}: instructions", large["instructions"] / small["instructions"], GROWTH, "x")
        grown = max(large[of] / max(small[of], 1) for of in ("visits", "read", "writes"))
        bar(f"{name}: storage", grown, GROWTH, "x")

    for figures, users in (few, FEW), (many, MANY):
        fill, small, served = figures["fill"], figures["compact"], figures["serve"]
        note(f"{users:,} users: made in", f"{fill['seconds']:>14,.1f} s")
        note("  on disk", f"{fill['bytes'] / users:>14,.0f} bytes a user, {fill['bytes'] / 2**20:,.0f} MiB")
        note("  once compacted", f"{small['bytes'] / users:>14,.0f} bytes a user, in {small['seconds']:.1f} s")
        note("  the server's peak memory", f"{served['peak'] / 1024:>14,.1f} MiB")
    imported = many["import"]
    note(f"{imported['rows']:,} rows imported", f"{imported['rows'] / imported['seconds']:>14,.0f} a second")
    note("  sent", f"{imported['bytes'] / imported['sending'] / 2**20:>14,.1f} MiB a second")
    grown = (imported["peak"] - few["import"]["peak"]) / 1024
    note("  peak memory", f"{imported['peak'] / 1024:>14,.1f} MiB, {grown:,.1f} above that of {few['import']['rows']:,} rows")
    deleted, beside = many["delete"], many["beside"]
    note("the pool deleted", f"{deleted['seconds']:>14,.0f} s, {deleted['rounds']:,} rounds of upkeep")
    middle, slow = zip(*deleted["parts"])
    note("  a round, at the median", f"{1e3 * min(middle):>14.2f} to {1e3 * max(middle):.2f} ms from its begin to its end")
    note("  a round, at 99 %", f"{1e3 * min(slow):>14.2f} to {1e3 * max(slow):.2f} ms")
    bar("  writes of its largest batch", deleted["largest"], BATCH, "writes")
    for name in "alone", "beside":
        at_median, at_p99 = beside[name]
        note(f"  a sign-in to another pool, {name}", f"{1e3 * at_median:>14.2f} ms, {1e3 * at_p99:.2f} at 99 %")
    bar("  sign-ins beside it, as a share of those alone", beside["ratio"], LEFT, "x", at_least=True)


def main():
    folder = TARGET / "directory"
    folder.mkdir(exist_ok=True)
    try:
        few, many = measure(folder, FEW), measure(folder, MANY)
        (TARGET / "directory.json").write_text(json.dumps({"few": few, "many": many}, indent=1))
    finally:
        shutil.rmtree(folder)
    report(few, many)
    finish()


if __name__ == "__main__":
    main()
