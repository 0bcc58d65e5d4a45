"""Stored runs as `turnout run` would leave them, with outcomes drawn from a seed."""
import json
import pathlib
import random

EPOCH_NS = 1_000_000_000_000
SPACING_MS = 100
DEADLINE_MS = 5000


def store(folder, calls, success_rate, seed, median_ms=200, thresholds=None, reason="completed"):
    """One arm, "turn-udp": each call succeeds with that probability."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True)
    (folder / "scenario.json").write_text(json.dumps({
        "name": "replay",
        "calls": {"per_arm": calls},
        "arrival": {"spacing_ms": SPACING_MS, "shape": "even"},
        "media": "none",
        "turn": [{"name": "turn-udp"}],
        "deadlines": {"connect_ms": DEADLINE_MS},
        "thresholds": thresholds or {},
    }))
    chance = random.Random(seed)
    lines = [event(0, "run_started", epoch_ns=EPOCH_NS, run_id="r", scenario="replay", profile="fast",
                   wall_clock="2026-01-02T03:04:05Z", seed=1, versions={"turnout": "0"})]
    for call in range(calls):
        lines += call_events(call, chance.random() < success_rate, median_ms * chance.lognormvariate(0, 0.3))
    lines.append(event(calls * SPACING_MS + 60_000, "run_finished", reason=reason))
    (folder / "events.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def event(at_ms, kind, **fields):
    return {"t_ns": EPOCH_NS + round(at_ms * 1e6), "type": kind, **fields}


def call_events(call, succeeds, connect_ms):
    start = call * SPACING_MS
    lines = []
    for bot, peer in ((0, 1), (1, 0)):
        link = {"call": call, "bot": bot, "peer": peer}
        lines += [
            event(start + 1, "bot_started", call=call, bot=bot, scheduled_ns=EPOCH_NS + start * 1_000_000),
            event(start + 5, "bot_joined", call=call, bot=bot, peers_present=bot),
            event(start + 6, "link_started", offerer=bot == 1, **link),
        ]
        if succeeds:
            lines.append(event(start + connect_ms, "link_connected", **link))
        else:
            lines.append(event(start + DEADLINE_MS, "link_failed", cause="ice_timeout", phase="ice", **link))
        lines.append(event(start + DEADLINE_MS + 1000, "bot_left", call=call, bot=bot, clean=True))
    return lines
