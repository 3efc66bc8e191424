"""Counts instructions with callgrind and holds them against their bars.

The program `instructions` runs a user's life through the engine over the memory store, as JSON in and JSON out. It is
deterministic, and marks what is counted by functions that are never inlined; callgrind tells what each of them cost,
with all that it called. The counts repeat to the last digit for one binary, whatever else the machine does.
"""

import os
import pathlib
import re
import subprocess
import tempfile

from bars import bar, finish, note

ROOT = pathlib.Path(__file__).resolve().parent.parent
SIGN_IN = 1_200_000
FACTOR = 300_000
RE_RUNS = 50_000

# The requests of a sign-in by a password and a further factor, which are held beside one by a password alone. What
# their cryptography costs is not counted, and neither is the store: it is the host's, and its commits have a limit of
# their own.
ALONE = "sign_in_with_password"
FACTORS = {
    "a software token": ["ask_software_token", "prove_software_token"],
    "a mailed code": ["ask_mailed_code", "prove_mailed_code"],
    "a remembered device": ["ask_device", "device_srp_auth", "device_password_verifier"],
}

# The module path of a mark, demangled or not.
MARK = re.compile(r"marks(?:::|\d+)([a-z_]+?)(?:::|\d+)(request|slow_arithmetic|runs|once)(?:$|[^a-z_])")

# How bytes are spelled as text is none, though it stands among it.
CRYPTOGRAPHY = re.compile(
    r"\b(?:userpool_arith|sha1|sha2|hmac|hkdf|aes|aes_gcm|aes_gcm_siv|polyval|ghash|ctr|cipher|universal_hash|digest)::"
    r"|\buserpool_crypto::(?!base32|base64|integer|lanes)"
)


def beside_cryptography(program, mark):
    """The mean cost of one request under a mark: the engine, without slow arithmetic and the functions of cryptography."""
    with tempfile.TemporaryDirectory(prefix="userpool-callgrind-") as folder:
        out = os.path.join(folder, "callgrind.out")
        toggles = [f"--toggle-collect=*marks::{mark}::{of}" for of in ("request", "slow_arithmetic", "store")]
        calls = subprocess.check_output(
            ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", "--collect-atstart=no"]
            + [*toggles, program],
            stdin=subprocess.DEVNULL,
            text=True,
        )
        table = subprocess.check_output(
            # Functions alone, and not lines of source below them.
            ["callgrind_annotate", "--auto=no", "--threshold=100", "--show-percs=no", out],
            stderr=subprocess.DEVNULL,  # It warns of its own uninitialised values.
            text=True,
        )
    calls = {snake(name): int(count) for name, count in map(str.split, calls.splitlines())}
    costs = (line.strip().partition(" ") for line in table.splitlines())
    whole = (
        int(cost.replace(",", ""))
        for cost, _, function in costs
        if cost.replace(",", "").isdigit() and "PROGRAM TOTALS" not in function and not CRYPTOGRAPHY.search(function)
    )
    return sum(whole) // calls[mark]


def measure(program):
    """The mean inclusive cost of each mark: {(operation, mark): instructions}."""
    with tempfile.TemporaryDirectory(prefix="userpool-callgrind-") as folder:
        out = os.path.join(folder, "callgrind.out")
        calls = subprocess.check_output(
            ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", program],
            stdin=subprocess.DEVNULL,
            text=True,
        )
        table = subprocess.check_output(
            ["callgrind_annotate", "--inclusive=yes", "--threshold=100", "--show-percs=no", out],
            stderr=subprocess.DEVNULL,  # It warns of its own uninitialised values.
            text=True,
        )
    calls = {snake(name): int(count) for name, count in map(str.split, calls.splitlines())}
    costs = dict.fromkeys(((operation, mark) for operation in calls for mark in ("slow_arithmetic", "runs", "once")), 0)
    for line in table.splitlines():
        cost, _, function = line.strip().partition(" ")
        found = MARK.search(function)
        if found and cost.replace(",", "").isdigit():
            # A function has a line for each file that code in it came from; the largest is the whole.
            whole = int(cost.replace(",", "")) // calls[found[1]]
            costs[found.groups()] = max(costs.get(found.groups(), 0), whole)
    return list(calls), costs


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def main():
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    operations, costs = measure(target / "release/instructions")

    def outside_slow_arithmetic(operation):
        return costs[operation, "request"] - costs[operation, "slow_arithmetic"]

    for operation in operations:
        note(operation, f"{outside_slow_arithmetic(operation):>14,} instructions outside powers and RSA")
    sign_in = outside_slow_arithmetic("initiate_auth") + outside_slow_arithmetic("respond_to_auth_challenge")
    bar("an SRP sign-in, outside powers and RSA", sign_in, SIGN_IN, "instr.")
    program = target / "release/instructions"
    alone = beside_cryptography(program, ALONE)
    for factor, requests in FACTORS.items():
        further = sum(beside_cryptography(program, request) for request in requests) - alone
        bar(f"{factor}, beside a password and its own cryptography", further, FACTOR, "instr.")
    for operation in operations:
        # What all runs cost, beyond one run that knows everything from the start.
        bar(f"re-runs of {operation}", costs[operation, "runs"] - costs[operation, "once"], RE_RUNS, "instr.")
    finish()


if __name__ == "__main__":
    main()
