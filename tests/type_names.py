#!/usr/bin/env python3
"""No two headers of the product define a type of the same name: the namespace is flat, so two
definitions would be one to the linker (ODR). Prints each name with its headers."""

import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PRODUCT = ("pipelines", "scenarios", "bots", "orchestrator")
DEFINED = re.compile(
    r"^(?:struct|class|enum(?: class)?) (\w+)(?: final)?(?:\s*:[^;{]*)?\s*\{|^using (\w+) =", re.MULTILINE
)


def main():
    headers = collections.defaultdict(set)
    for folder in PRODUCT:
        for file in sorted((ROOT / folder).rglob("*.h")):
            for found in DEFINED.finditer(re.sub(r"//.*", "", file.read_text())):
                headers[found[1] or found[2]].add(str(file.relative_to(ROOT)))
    twins = {name: files for name, files in headers.items() if len(files) > 1}
    for name, files in sorted(twins.items()):
        print(f"{name}: {', '.join(sorted(files))}")
    return 1 if twins else 0


if __name__ == "__main__":
    sys.exit(main())
