#!/usr/bin/env python3
"""Stands in for turnout-bot-host: every call succeeds at its start, without any network.

TURNOUT_FAKE_HOST names how it misbehaves: dies_at_start, dies_on_call_N (only the host that gets
call N), cannot_work, never_ends (its calls), deaf (to stop).
"""
import json
import os
import select
import signal
import socket
import sys
import time

mode = os.environ.get("TURNOUT_FAKE_HOST", "")
channel = socket.socket(fileno=3)
setup = {}
waiting = []  # (start_ns, call)
received = b""


def say(**fields):
    channel.sendall(json.dumps(fields, separators=(",", ":")).encode() + b"\n")


def event(what, **fields):
    say(t_ns=time.monotonic_ns(), type=what, **fields)


def run_call(order):
    bots = range(setup["shape"]["bots"])
    links = [{"call": order["call"], "bot": b, "peer": p} for b in bots for p in bots if b != p]
    for bot in bots:
        event("bot_started", call=order["call"], bot=bot, scheduled_ns=order["start_ns"])
        event("bot_joined", call=order["call"], bot=bot, peers_present=bot)
    for link in links:
        event("link_started", offerer=link["bot"] < link["peer"], **link)
        event("link_connected", **link)
        for kind in setup["media"]:
            event("media_started", kind=kind, **link)
    if mode == "never_ends":
        return
    for bot in bots:
        event("bot_left", call=order["call"], bot=bot, clean=True)
    say(control="call_ended", call=order["call"])


def on_command(command):
    kind = command["command"]
    if kind == "setup":
        setup.update(command)
        if mode == "cannot_work":
            say(control="failed", code="environment", what="no webrtcbin: apt-get install it")
        else:
            say(control="ready")
    elif kind == "call":
        if mode == "dies_on_call_%d" % command["call"]:
            os.kill(os.getpid(), signal.SIGKILL)
        waiting.append((command["start_ns"], command))
    elif mode != "deaf":
        say(control="done")
        sys.exit(0)


if mode == "dies_at_start":
    print("something to read in the log")
    sys.exit(9)
while True:
    waiting.sort(key=lambda item: item[0])
    pause = max(0, (waiting[0][0] - time.monotonic_ns()) / 1e9) if waiting else None
    if select.select([channel], [], [], pause)[0]:
        chunk = channel.recv(65536)
        if not chunk:
            sys.exit(0)
        received += chunk
        while b"\n" in received:
            line, received = received.split(b"\n", 1)
            on_command(json.loads(line))
    while waiting and waiting[0][0] <= time.monotonic_ns():
        run_call(waiting.pop(0)[1])
