#!/usr/bin/env python3
"""Time to connect by round trip time, phase by phase: the table of docs/LAB.md.

Both bots are at public sites of a lab whose lines delay what passes, so that a round trip to the servers takes
RTT, and one from bot to bot twice that. For each RTT one run; then a straight line through the medians of each
phase: the time it takes at no distance, and how many round trips to the servers.

    ./dev connect-by-rtt [--calls N] [--rtts 0,50,100,200] [--json FILE]
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

ARMS = [
    {"name": "direct"},
    {"name": "relay", "policy": "relay", "ice_servers": [{"urls": "turn:{coturn}?transport=udp"}]},
]
PHASES = ["signaling", "negotiation", "ice", "dtls"]


def scenario(rtt_ms, calls):
    line = {"delay_ms": rtt_ms // 2}
    site = {"name": "site", "nat": "public", "up": line, "down": line}
    return {
        "name": f"connect-by-rtt-{rtt_ms}",
        "calls": {"per_arm": calls, "hold_ms": 0},
        "arrival": {"spacing_ms": 1500, "shape": "even"},
        "media": "none",
        "networks": {"sites": [site], "pairs": [["site", "site"]]},
        "turn": ARMS,
    }


def run(turnout, rtt_ms, calls, folder):
    file = os.path.join(folder, f"{rtt_ms}.json")
    out = os.path.join(folder, f"run-{rtt_ms}")
    with open(file, "w", encoding="utf-8") as text:
        json.dump(scenario(rtt_ms, calls), text)
    ended = subprocess.run([turnout, "run", file, "--quiet", "--out", out], capture_output=True, text=True, check=False)
    if not os.path.exists(os.path.join(out, "summary.json")):
        sys.exit(f"no run with {rtt_ms} ms: {ended.stderr}")
    with open(os.path.join(out, "summary.json"), encoding="utf-8") as text:
        cells = json.load(text)["cells"]
    times = {}
    for cell in cells:
        phases = {phase: cell["phases_ms"][phase]["p50"] for phase in PHASES}
        if None in phases.values():
            sys.exit(f"no call of {cell['turn']} connected with {rtt_ms} ms")
        phases["all"] = cell["connect_time_ms"]["p50"]
        times[cell["turn"]] = phases
    return times


def line_through(points):
    """Least squares: intercept, slope, and the largest distance of a point from the line."""
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    intercept = mean_y - slope * mean_x
    return intercept, slope, max(abs(y - intercept - slope * x) for x, y in points)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("turnout")
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--rtts", default="0,50,100,200")
    parser.add_argument("--json", metavar="FILE")
    given = parser.parse_args()
    rtts = [int(rtt) for rtt in given.rtts.split(",")]
    with tempfile.TemporaryDirectory(prefix="turnout-rtt.") as folder:
        by_rtt = {rtt: run(given.turnout, rtt, given.calls, folder) for rtt in rtts}
    fits = {}
    for arm in [arm["name"] for arm in ARMS]:
        print(f"{arm:24}" + "".join(f"{rtt:>7} ms" for rtt in rtts) + "  at no distance    RTTs  off by")
        for phase in [*PHASES, "all"]:
            points = [(rtt, by_rtt[rtt][arm][phase]) for rtt in rtts]
            intercept, slope, off = line_through(points)
            fits[f"{arm} {phase}"] = {"intercept_ms": intercept, "rtts": slope, "off_ms": off}
            values = "".join(f"{value:>10.0f}" for _, value in points)
            print(f"  {phase:22}{values}{intercept:>13.0f} ms{slope:>8.2f}{off:>5.0f} ms")
    if given.json:
        with open(given.json, "w", encoding="utf-8") as text:
            json.dump({"by_rtt": by_rtt, "fits": fits}, text, indent=1)


if __name__ == "__main__":
    main()
