#!/usr/bin/env python3
"""Stands in for turnout-bot-host: every bot of a pair succeeds at its start, without any network.

TURNOUT_FAKE_HOST names how it misbehaves: dies_at_start, dies_on_call_N (only the host that gets
bot 0 of call N), cannot_work, never_ends (its bots), deaf (to stop), hangs_at_start,
hangs_on_call_N.
"""
import json
import os
import select
import signal
import socket
import sys
import time

STEADY, LEFT = 1, 3  # BotReport::State

mode = os.environ.get("TURNOUT_FAKE_HOST", "")
channel = socket.socket(fileno=3)
waiting = []  # (due_ns, what to do, order)
bots = set()  # (call, bot) that are here
received = b""


def say(**fields):
    channel.sendall(json.dumps(fields, separators=(",", ":")).encode() + b"\n")


def event(what, order, **fields):
    say(t_ns=time.monotonic_ns(), type=what, call=order["call"], bot=order["bot"], **fields)


def report(order, state):
    say(control="bot", call=order["call"], bot=order["bot"], state=state, at_ns=time.monotonic_ns())


def health():
    fields = ("host", "bots", "loop_lag_p99_ms", "loop_lag_max_ms", "pacer_late_p99_ms")
    fields += ("pacer_late_max_ms", "cpu_cores", "rss_mb")
    say(t_ns=time.monotonic_ns(), type="host_health", **{name: 0 for name in fields})


def play(order):
    if (order["call"], order["bot"]) not in bots:
        return
    event("bot_started", order, scheduled_ns=order["start_ns"])
    event("bot_joined", order, peers_present=order["bot"])
    link = {"peer": 1 - order["bot"]}
    event("link_started", order, offerer=order["bot"] == 0, **link)
    event("link_connected", order, **link)
    for kind in ("audio", "video"):
        event("media_started", order, kind=kind, **link)
    if mode != "never_ends":
        report(order, STEADY)


def leave(order):
    key = (order["call"], order["bot"])
    if key not in bots:
        return
    bots.remove(key)
    event("bot_left", order, clean=True)
    report(order, LEFT)


def on_command(command):
    kind = command["command"]
    here = [{"call": call, "bot": bot} for call, bot in sorted(bots) if call == command.get("call")]
    if kind == "setup":
        if mode == "hangs_at_start":
            os.kill(os.getpid(), signal.SIGSTOP)
        elif mode == "cannot_work":
            say(control="failed", error={"code": 2, "what": "no webrtcbin: apt-get install it"})
        else:
            say(control="ready")
    elif kind == "bot":
        if mode == "dies_on_call_%d" % command["call"] and command["bot"] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        if mode == "hangs_on_call_%d" % command["call"] and command["bot"] == 0:
            os.kill(os.getpid(), signal.SIGSTOP)
        bots.add((command["call"], command["bot"]))
        waiting.append((command["start_ns"], play, command))
    elif kind == "leave":
        waiting.extend((command["at_ns"], leave, order) for order in here)
    elif kind == "interrupt":
        for order in here:
            leave(order)
    elif kind == "stop" and mode != "deaf":
        say(control="done")
        sys.exit(0)


if mode == "dies_at_start":
    print("something to read in the log")
    sys.exit(9)
while True:
    waiting.sort(key=lambda item: item[0])
    pause = max(0, (waiting[0][0] - time.monotonic_ns()) / 1e9) if waiting else 0.1
    health()
    if select.select([channel], [], [], pause)[0]:
        chunk = channel.recv(65536)
        if not chunk:
            sys.exit(0)
        received += chunk
        while b"\n" in received:
            line, received = received.split(b"\n", 1)
            on_command(json.loads(line))
    while waiting and waiting[0][0] <= time.monotonic_ns():
        _, act, order = waiting.pop(0)
        act(order)
