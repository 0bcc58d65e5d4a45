#!/usr/bin/env python3
"""Checks every #include of the product against include_dag.txt. Prints each violation."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE = ROOT / "tests" / "include_dag.txt"
PRODUCT = ("pipelines", "scenarios", "bots", "orchestrator")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def is_under(path, folder):
    if folder.endswith("/*"):  # the files of the folder itself, not those of folders in it
        return path == folder or path.rpartition("/")[0] == folder[:-2]
    return path == folder or path.startswith(folder + "/")


def read_table(text):
    text = re.sub(r"#.*", "", text)
    text = re.sub(r"\n[ \t]+", " ", text)  # a row goes on in indented lines
    allowed, libraries, problems = {}, [], []
    for row in filter(None, map(str.strip, text.splitlines())):
        head, _, names = row.partition(":")
        kind, *subjects = head.split()
        names = names.split()
        if kind == "library":
            libraries += [(prefix, names) for prefix in subjects]
            continue
        for name in names:
            if not (ROOT / name.removesuffix("/*")).exists():
                problems.append(f"include_dag.txt: {name} does not exist")
            if not any(is_under(name, known) for known in allowed):
                problems.append(f"include_dag.txt: {subjects[0]}: {name} is not in a row above")
        allowed[subjects[0]] = names
    return allowed, libraries, problems


def row_of(path, allowed):
    """The longest row that holds the file: bots/attempt/x.h is not of the row bots."""
    return max((row for row in allowed if is_under(path, row)), key=len, default=None)


def check_file(path, text, allowed, libraries):
    row = row_of(path, allowed)
    if row is None:
        yield f"{path}: no row of include_dag.txt holds this file"
        return
    for bracket, target in INCLUDE.findall(text):
        if bracket == "<":
            for prefix, users in libraries:
                if target.startswith(prefix) and not any(is_under(path, user) for user in users):
                    yield f"{path}: <{target}> is for {', '.join(users)} only"
        elif not (ROOT / target).is_file():
            yield f"{path}: \"{target}\" does not exist (includes are relative to the root)"
        elif row_of(target, allowed) != row and not any(
            is_under(target, name) and row_of(target, allowed) == row_of(name, allowed)
            for name in allowed[row]
        ):
            yield f"{path}: {row} may not include \"{target}\""


def main():
    allowed, libraries, problems = read_table(TABLE.read_text())
    for folder in PRODUCT:
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in (".h", ".cc"):
                path = str(file.relative_to(ROOT))
                problems += check_file(path, file.read_text(), allowed, libraries)
    print("\n".join(problems), end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
