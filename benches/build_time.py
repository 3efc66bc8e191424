"""How long the core takes to build: from nothing, and after one operation was touched.

Works on a copy with a target folder of its own, so that nothing is built already and no source changes under anyone.
Wall-clock figures: run it on an idle machine.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

from bars import bar, finish, note

ROOT = pathlib.Path(__file__).resolve().parent.parent
FROM_NOTHING_SECONDS = 60
AFTER_A_TOUCH_SECONDS = 8


def copy_of_the_sources(folder):
    """Copies what git would: tracked files and new ones, not what is ignored."""
    listed = subprocess.check_output(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, text=True
    )
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def build(sources):
    """Builds the core; returns the seconds it took. A build that had nothing to do measures nothing and is an error."""
    start = time.monotonic()
    messages = subprocess.check_output(
        ["cargo", "build", "--offline", "--quiet", "--package", "userpool-core", "--target-dir", "target"]
        + ["--message-format", "json"],
        cwd=sources,
        text=True,
        env={**os.environ, "CARGO_INCREMENTAL": "1"},
    )
    seconds = time.monotonic() - start
    built = [json.loads(line) for line in messages.splitlines()]
    if not any(it.get("target", {}).get("name") == "userpool_core" and it.get("fresh") is False for it in built):
        raise SystemExit("the core was not built: there is nothing to measure")
    return seconds


def is_operation(path):
    """Whether a file holds an operation: neither a list of modules, nor the table, nor unit tests."""
    return path.name not in ("mod.rs", "table.rs", "tests.rs") and "tests" not in path.parts


def main():
    subprocess.run(["cargo", "fetch", "--quiet"], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory(prefix="userpool-build-time-") as folder:
        sources = copy_of_the_sources(pathlib.Path(folder))
        note("cores", os.cpu_count())
        bar("the core and what it needs, from nothing", build(sources), FROM_NOTHING_SECONDS, "s")

        operations = sources / "core/src/ops"
        inside = [path.relative_to(operations) for path in operations.rglob("*.rs")]
        touched = operations / max(filter(is_operation, inside), key=lambda path: (operations / path).stat().st_size)
        # A new line at the top moves everything below it: the least kind of change a person makes.
        touched.write_text("// A line.\n" + touched.read_text())
        bar(f"after touching ops/{touched.relative_to(operations)}", build(sources), AFTER_A_TOUCH_SECONDS, "s")
    finish()


if __name__ == "__main__":
    main()
