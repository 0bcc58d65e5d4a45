"""What a comparison says, told by `turnout compare` itself: of two arms that are the same, of one
with a wrong password (real calls, real coturn), and of a difference that 50 calls cannot show."""
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import stored_run

TURNOUT = os.environ["TURNOUT"]


class Replay(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="turnout-replay-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def turnout(self, *words):
        ran = subprocess.run([TURNOUT, *words], cwd=self.folder, timeout=90, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True)
        self.output = " ".join(ran.stdout.split())
        print("\n" + ran.stdout)
        return ran.returncode

    def test_two_arms_that_are_the_same(self):
        stored_run.store(self.folder / "a", calls=200, success_rate=0.95, seed=11)
        stored_run.store(self.folder / "b", calls=200, success_rate=0.95, seed=12)
        self.assertEqual(self.turnout("compare", "--baseline", "a", "b"), 0)
        self.assertRegex(self.output, r"no difference is shown, and only a drop of success by [0-9.]+ points or more "
                                      r"could have been seen \(in 80 % of cases\)")

    def test_a_wrong_password_is_worse(self):
        server = {"urls": "turn:{coturn}?transport=udp"}
        (self.folder / "scenario.json").write_text(json.dumps({
            "name": "passwords",
            "calls": {"per_arm": 6, "hold_ms": 300},
            "arrival": {"rate_per_s": 4},
            "media": "none",
            "turn": [
                {"name": "right", "policy": "relay", "ice_servers": [server]},
                {"name": "wrong", "policy": "relay",
                 "ice_servers": [{**server, "username": "somebody", "credential": "not the password"}]},
            ],
            "deadlines": {"connect_ms": 5000},
        }))
        self.assertEqual(self.turnout("run", "scenario.json", "--out", "run"), 99, "every call is to connect")
        self.assertEqual(self.turnout("compare", "run"), 0)
        self.assertIn("wrong is worse (0 of 6 calls succeeded, not 6 of 6)", self.output)
        row = re.search(r"wrong 6/6 0/6 -100 (\S+) to (\S+) (\S+) worse", self.output)
        self.assertTrue(row, self.output)
        self.assertLess(float(row.group(2)), 0, "the whole interval is below zero")

    def test_one_point_at_fifty_calls_is_open_and_says_what_it_takes(self):
        stored_run.store(self.folder / "before", calls=50, success_rate=0.98, seed=31)
        stored_run.store(self.folder / "after", calls=50, success_rate=0.97, seed=32)
        self.assertEqual(self.turnout("compare", "--baseline", "before", "after", "--margin", "1"), 98)
        self.assertIn("Nobody can say whether this is worse than the baseline", self.output)
        needed = re.search(r"to see one by 1 points? takes (\d+) calls an arm", self.output)
        self.assertTrue(needed, self.output)
        self.assertGreater(int(needed.group(1)), 2000)


if __name__ == "__main__":
    unittest.main()
