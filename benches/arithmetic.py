"""Counts the instructions of a power, ours and OpenSSL's, under callgrind, and holds the ratio against its bar.

Valgrind shows both a processor without ADX; OpenSSL takes the code it has for such ones.
"""

import os
import pathlib

from bars import bar, finish, note
from gate import count

ROOT = pathlib.Path(__file__).resolve().parent.parent


def main():
    programs = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
    ours = count([programs / "kernels"], "Kernels")
    theirs = count([programs / "theirs"], "Theirs")
    for name, figure in ours.items():
        beside = f"; OpenSSL {theirs[name]:,}" if name in theirs else ""
        note(f"instructions of {name}", f"{figure:>14,}{beside}")
    bar("instructions of a power", ours["power"] / theirs["power"], 0.72, "x")
    finish()


if __name__ == "__main__":
    main()
