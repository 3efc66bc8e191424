"""Lints every workspace package under every combination of its features.

Packages with more than four features get: none, each alone, all.
"""

import itertools
import json
import subprocess
import sys


def combinations(features):
    """The sets of features to try, the empty one first."""
    if len(features) <= 4:
        sizes = range(len(features) + 1)
    else:
        sizes = (0, 1, len(features))
    return [combo for size in sizes for combo in itertools.combinations(features, size)]


def main():
    metadata = json.loads(
        subprocess.check_output(["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"])
    )
    passed = failed = 0
    for package in metadata["packages"]:
        features = sorted(name for name in package["features"] if name != "default")
        if not features:
            continue
        for combo in combinations(features):
            command = ["cargo", "clippy", "--locked", "-q", "-p", package["name"], "--no-default-features"]
            command += ["--features", ",".join(combo), "--", "-D", "warnings"]
            if subprocess.run(command).returncode == 0:
                passed += 1
                continue
            failed += 1
            print(f"{package['name']} does not build with [{', '.join(combo)}]")
    print(f"feature-combinations: {passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
