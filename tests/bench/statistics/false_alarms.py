#!/usr/bin/env python3
"""How often `turnout compare --baseline` turns a night red that was like the one before.

    tests/bench/statistics/false_alarms.py build/turnout [--nights 400] [--calls 3 4 8 20 50] [--shift 0]

Writes runs as `turnout run` leaves them, with calls drawn from one distribution (log-normal times, one call
in twenty fails), and compares pairs of them through the command line. With --shift S every night is also
slower or faster as a whole by a factor around 1 (a busier machine; S: deviation of its logarithm), and a
margin of 5 s must keep all of them green. Exits with 1 when more than 5 % of all nights are red, by more
than the scatter of so many nights explains.
"""
import argparse
import json
import math
import os
import random
import subprocess
import sys
import tempfile

EPOCH = 1_000_000_000_000
DEADLINE_MS = 5000
FAILS = 0.05


def write_run(directory, calls, draw, factor):
    os.makedirs(directory, exist_ok=True)
    scenario = {"name": "night", "calls": {"per_arm": calls}, "arrival": {"rate_per_s": 1, "shape": "even"},
                "media": "none", "turn": [{"name": "only"}], "deadlines": {"connect_ms": DEADLINE_MS}}
    lines = [{"t_ns": EPOCH, "type": "run_started", "epoch_ns": EPOCH, "run_id": "r", "scenario": "night",
              "profile": "fast", "wall_clock": "", "seed": 1, "versions": {}}]

    def event(at, kind, call, bot, peer=None, **fields):
        line = {"t_ns": at, "type": kind, "call": call, "bot": bot, **fields}
        if peer is not None:
            line["peer"] = peer
        lines.append(line)

    for call in range(calls):
        start = EPOCH + call * 1_000_000_000
        ok = draw.random() >= FAILS
        took = round(factor * 50 * math.exp(draw.gauss(0, 0.5)) * 1e6)
        for bot in (0, 1):
            event(start + 1000, "bot_started", call, bot, scheduled_ns=start)
            event(start + 2000, "bot_joined", call, bot, peers_present=bot)
        for bot in (0, 1):
            if ok:
                event(start + took, "link_connected", call, bot, 1 - bot)
            else:
                event(start + DEADLINE_MS * 1_000_000, "link_failed", call, bot, 1 - bot, cause="ice_timeout",
                      phase="ice", detail="")
        for bot in (0, 1):
            event(start + 6_000_000_000, "bot_left", call, bot, clean=True)
    lines.append({"t_ns": EPOCH + (calls + 10) * 1_000_000_000, "type": "run_finished", "reason": "completed"})
    with open(os.path.join(directory, "scenario.json"), "w") as out:
        json.dump(scenario, out)
    with open(os.path.join(directory, "events.jsonl"), "w") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)


def compare(turnout, baseline, candidate, *options):
    done = subprocess.run([turnout, "compare", "--baseline", baseline, candidate, "--json", "-", *options],
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, 98, 99):
        sys.exit(f"turnout compare: exit {done.returncode}: {done.stderr}")
    return done.returncode, json.loads(done.stdout)["comparisons"][0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("turnout")
    parser.add_argument("--nights", type=int, default=400)
    parser.add_argument("--calls", type=int, nargs="+", default=[3, 4, 8, 20, 50])
    parser.add_argument("--shift", type=float, default=0)
    asked = parser.parse_args()
    allowed = 0.05 + 2 * math.sqrt(0.05 * 0.95 / asked.nights)
    too_many = False
    margin = ["--margin-ms", "5000"] if asked.shift > 0 else []
    print("calls an arm   red nights   better/worse   faster/slower")
    for calls in asked.calls:
        draw = random.Random(calls)
        counts = {"red": 0, "success": 0, "connect_time": 0}
        with tempfile.TemporaryDirectory() as place:
            for _ in range(asked.nights):
                runs = []
                for name in ("baseline", "tonight"):
                    factor = math.exp(draw.gauss(0, asked.shift)) if asked.shift > 0 else 1
                    runs.append(os.path.join(place, name))
                    write_run(runs[-1], calls, draw, factor)
                code, comparison = compare(asked.turnout, *runs, *margin)
                counts["red"] += code == 99
                for measure, words in (("success", ("better", "worse")), ("connect_time", ("faster", "slower"))):
                    counts[measure] += comparison[measure]["finding"] in words
        shares = {what: times / asked.nights for what, times in counts.items()}
        too_many |= any(share > allowed for share in shares.values())
        print(f"{calls:12}   {shares['red']:9.2%}   {shares['success']:12.2%}   {shares['connect_time']:13.2%}", flush=True)
    print(f"allowed: 5 %, {allowed:.1%} with the scatter of {asked.nights} nights")
    return 1 if too_many else 0


if __name__ == "__main__":
    sys.exit(main())
