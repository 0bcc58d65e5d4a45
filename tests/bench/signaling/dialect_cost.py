#!/usr/bin/env python3
"""What it costs a fleet to speak its own protocol by the dialect of it, in place of the compiled-in client.

    tests/bench/signaling/dialect_cost.py build/turnout [--rate 2000] [--seconds 10] [--pairs 40] [--rounds 3]

Pairs of bots in rooms send each other messages without media, `rate` of them a second in all (each is
answered, and counts once). Runs with and without the dialect alternate; the processor time of the bot hosts
while all pairs are up (`host_health`), and the time from start to the first answer, are compared by their
medians. Exits with 1 when the dialect takes more than 1.1 times as much.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile


def scenario(pairs, rate, seconds):
    return {"name": "dialect-cost", "calls": {"kind": "room", "per_arm": pairs, "hold_ms": seconds * 1000 + 2000},
            "arrival": {"rate_per_s": pairs, "shape": "even"}, "hosts": 1,
            "messages": {"rate_per_s": rate / 2 / pairs, "size_bytes": 200},
            "deadlines": {"connect_ms": 10000, "join_ms": 8000}}


def run(turnout, directory, name, text, more):
    file, out = os.path.join(directory, "scenario.json"), os.path.join(directory, name)
    with open(file, "w") as stream:
        json.dump(text, stream)
    done = subprocess.run([turnout, "run", file, "--out", out, "--quiet", "--no-color", *more],
                          capture_output=True, text=True)
    events = [json.loads(line) for line in open(os.path.join(out, "events.jsonl"))]
    epoch = next(event["epoch_ns"] for event in events if event["type"] == "run_started")
    # All pairs have come after one second; the last second belongs to their leaving.
    begin, end = epoch + 2.0e9, epoch + 1.0e9 * (text["calls"]["hold_ms"] / 1000)
    busy = [event["cpu_cores"] for event in events
            if event["type"] == "host_health" and begin <= event["t_ns"] <= end]
    started = {(e["call"], e["bot"]): e["t_ns"] for e in events if e["type"] == "bot_started"}
    connects = [(e["t_ns"] - started[(e["call"], e["bot"])]) / 1e6 for e in events
                if e["type"] == "link_connected" and (e["call"], e["bot"]) in started]
    if done.returncode != 0 or not busy or not connects:
        sys.exit(f"{name}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return statistics.mean(busy), statistics.median(connects)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("turnout")
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    text = scenario(given.pairs, given.rate, given.seconds)
    seen = {"compiled in": [], "dialect": []}
    with tempfile.TemporaryDirectory() as directory:
        for number in range(given.rounds):
            for name, more in (("compiled in", []), ("dialect", ["--dialect", "turnout"])):
                seen[name].append(run(given.turnout, directory, f"{number}-{name.split()[0]}", text, more))
                cores, connect = seen[name][-1]
                print(f"{name:12}  {cores:.3f} cores  connect {connect:.1f} ms", flush=True)
    cores = {name: statistics.median(one[0] for one in all) for name, all in seen.items()}
    connect = {name: statistics.median(one[1] for one in all) for name, all in seen.items()}
    ratio = cores["dialect"] / cores["compiled in"]
    print(f"{given.rate} messages/s: the dialect takes {ratio:.2f} x the processor, and connects in "
          f"{connect['dialect']:.1f} ms against {connect['compiled in']:.1f} ms")
    return 1 if ratio > 1.1 else 0


if __name__ == "__main__":
    sys.exit(main())
