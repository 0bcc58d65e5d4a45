"""Is the machine itself late? A thread that wants to wake up every few milliseconds, and is not of turnout.

A row in which it was late by more than turnout's figures may be off says nothing of turnout: who starves is not
told wrong. What a row freezes on purpose is other processes.
"""
import threading
import time

PERIOD = 0.005
TOO_LATE_MS = 5


class Watch:
    def __init__(self):
        self.worst_ms = 0.0
        self._on = True
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self):
        due = time.monotonic() + PERIOD
        while self._on:
            time.sleep(max(0, due - time.monotonic()))
            now = time.monotonic()
            self.worst_ms = max(self.worst_ms, (now - due) * 1000)
            due = now + PERIOD

    def close(self):
        self._on = False
        self._thread.join()
