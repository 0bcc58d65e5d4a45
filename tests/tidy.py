#!/usr/bin/env python3
"""clang-tidy over the product, by the rules of .clang-tidy.

    tests/tidy.py BUILD [--jobs N] [--only WORD] [--fix]

Looks at what the compiler looks at: the unity files of a build folder, twelve of our files at a
time, since most of the time goes into system headers. A file that was clean is not looked at again
until it, a header that it includes, the rules or clang-tidy change (BUILD/tidy holds the stamps). Needs the
objects in BUILD to be up to date: ninja knows then which headers each of them reads.
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
PROGRAM = 'clang-tidy-14'
FOLDERS = ('pipelines', 'scenarios', 'bots', 'orchestrator')
# Flags of GCC that clang does not know.
EXTRA = ['--extra-arg=-Wno-unknown-warning-option', '--quiet']


def units(build):
    """The sources of the product: (source, object, command)."""
    for entry in json.loads((build / 'compile_commands.json').read_text()):
        place = re.search(r' -o (\S+)', entry['command']).group(1)
        if place.split('/')[0] in FOLDERS:
            yield entry['file'], place, entry['command']


def dependencies(build):
    """Of each object, what the compiler read for it."""
    listing = subprocess.run(['ninja', '-C', build, '-t', 'deps'], capture_output=True, text=True,
                             check=True).stdout
    found, name = {}, None
    for line in listing.splitlines():
        if line.startswith('    '):
            found[name].append(line.strip())
        elif ': #deps' in line:
            name = line.split(': #deps')[0]
            found[name] = []
    return found


def digest_of(path, known={}):
    """Ours by content, the system's by size and time."""
    if path not in known:
        file = pathlib.Path(path)
        if ROOT in file.parents:
            known[path] = hashlib.sha256(file.read_bytes()).hexdigest()
        else:
            stat = file.stat()
            known[path] = f'{stat.st_size} {stat.st_mtime_ns}'
    return known[path]


def stamp_of(build, unit, rules, headers):
    source, target, command = unit
    parts = [rules, command, digest_of(source)]
    for header in sorted(headers):
        path = header if os.path.isabs(header) else str((build / header).resolve())
        parts.append(f'{path} {digest_of(path)}')
    return hashlib.sha256('\n'.join(parts).encode()).hexdigest()


def findings(build, source, fix):
    done = subprocess.run([PROGRAM, '-p', build, *EXTRA, *(['--fix'] if fix else []), source],
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return []
    found, keep = [], False
    for line in done.stdout.splitlines():
        if re.match(r'^/.*: (warning|error|note): ', line):
            keep = True
            found.append(line.replace(f'{ROOT}/', '').replace(',-warnings-as-errors', ''))
    return found or [f'{source}: {done.stderr.strip() or done.stdout.strip()}']


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('build', type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument('--jobs', type=int, default=os.cpu_count())
    parser.add_argument('--only', default='', help='units whose object has this word in its path')
    parser.add_argument('--fix', action='store_true', help='one at a time')
    options = parser.parse_args()
    version = subprocess.run([PROGRAM, '--version'], capture_output=True, text=True, check=True).stdout
    rules = version + (ROOT / '.clang-tidy').read_text()
    stamps = options.build / 'tidy'
    stamps.mkdir(exist_ok=True)
    headers = dependencies(options.build)
    todo = []
    for unit in units(options.build):
        if options.only not in unit[1]:
            continue
        if unit[1] not in headers:
            raise SystemExit(f'{unit[1]} is not built')
        stamp = stamps / stamp_of(options.build, unit, rules, headers[unit[1]])
        if not stamp.exists():
            todo.append((unit[0], stamp))
    seen = set()
    with concurrent.futures.ThreadPoolExecutor(1 if options.fix else options.jobs) as pool:
        work = {pool.submit(findings, options.build, source, options.fix): stamp
                for source, stamp in todo}
        for done in concurrent.futures.as_completed(work):
            lines = done.result()
            if not lines:
                work[done].touch()
            for line in lines:
                if line not in seen:  # a header, seen from several sources
                    seen.add(line)
                    print(line, flush=True)
    return 1 if seen else 0


if __name__ == '__main__':
    sys.exit(main())
