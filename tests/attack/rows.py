"""The list of what is tried; each module of rows adds to it."""
import contextlib
import pathlib
import random

from processes import run_to_end
from stranger import Serve

ROWS = []  # (group, what is tried, what does it)


class Skip(Exception):
    """This machine cannot try it."""


def row(group, tried):
    def add(function):
        ROWS.append((group, tried, function))
        return function
    return add


class Lab:
    """What a row works with: a folder, a seed, and what it started, which ends with it."""

    def __init__(self, turnout, folder, seed):
        self.turnout = turnout
        self.folder = pathlib.Path(folder)
        self.random = random.Random(seed)
        self._open = contextlib.ExitStack()

    def serve(self, *options, **how):
        return self._open.enter_context(Serve(self.turnout, *options, **how))

    def keep(self, thing):
        """Closed at the end."""
        self._open.callback(thing.close)
        return thing

    def run(self, scenario, *options, seconds=60, **how):
        return run_to_end(self.turnout, self.folder, scenario, *options, seconds=seconds, **how)

    def close(self):
        self._open.close()
