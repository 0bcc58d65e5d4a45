"""The nightly script (.ci/nightly), run for real with scenarios of a second."""
import fcntl
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

SCRIPT = pathlib.Path(__file__).resolve().parents[3] / ".ci" / "nightly"
IMPOSSIBLE = {"connect_time": ["max<0.01"]}  # milliseconds
DEAD_SERVER = "http://127.0.0.1:9"


class Nightly(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="turnout-nightly-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.history = self.folder / "history"

    def scenario(self, name="tiny", calls=2, thresholds=None, hold_ms=100):
        file = self.folder / f"{name}.json"
        file.write_text(json.dumps({
            "name": name,
            "calls": {"per_arm": calls, "hold_ms": hold_ms},
            "arrival": {"spacing_ms": 150, "shape": "even"},
            "media": "none",
            "deadlines": {"join_ms": 1000, "connect_ms": 2000, "leave_ms": 1000},
            "thresholds": thresholds or {"success_rate": ["rate>=0"]},
        }))
        return file

    def night(self, *words):
        """Runs the script; its exit code. What it printed is in self.output."""
        ran = subprocess.run([SCRIPT, "--runs", self.history, *words], cwd=self.folder, timeout=60,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.output = ran.stdout
        if "turnout itself was the bottleneck" in self.output:
            self.skipTest("this machine is too busy: run this test alone")
        return ran.returncode

    def runs(self, name="tiny"):
        stamp = "[0-9]" * 8 + "-" + "[0-9]" * 6
        return sorted(self.history.glob(f"{stamp}-{name}"))

    def test_a_passing_run_becomes_the_baseline_and_leaves_its_reports(self):
        self.assertEqual(self.night(self.scenario()), 0, self.output)
        [run] = self.runs()
        self.assertIn("verdict: PASS", (run / "report.txt").read_text())
        self.assertIn("<html", (run / "report.html").read_text())
        self.assertEqual(xml.etree.ElementTree.parse(run / "junit.xml").getroot().get("failures"), "0")
        self.assertEqual((self.history / "baseline/tiny/events.jsonl").read_bytes(),
                         (run / "events.jsonl").read_bytes())
        self.assertTrue((self.history / "latest").samefile(run))

    def test_later_runs_are_compared_and_the_oldest_forgotten(self):
        other = self.scenario("not-tiny")
        self.assertEqual(self.night("--keep", "1", self.scenario(), other), 0, self.output)
        [first] = self.runs()
        self.assertEqual(self.night("--keep", "1", self.scenario()), 0, self.output)
        [second] = self.runs()
        self.assertNotEqual(first, second)
        self.assertIn("tiny", (second / "comparison.txt").read_text())
        self.assertTrue((self.history / "baseline/tiny").is_dir())
        self.assertEqual(len(self.runs("not-tiny")), 1, "a run of another scenario is gone")

    def test_a_threshold_that_does_not_hold_is_99_and_no_baseline(self):
        self.assertEqual(self.night(self.scenario(thresholds=IMPOSSIBLE)), 99, self.output)
        [run] = self.runs()
        root = xml.etree.ElementTree.parse(run / "junit.xml").getroot()
        self.assertEqual(root.get("failures"), "1")
        self.assertFalse((self.history / "baseline").exists())

    def test_a_run_that_is_worse_than_the_baseline_is_99(self):
        scenario = self.scenario(calls=8)
        self.assertEqual(self.night(scenario), 0, self.output)
        self.assertEqual(self.night(scenario, "--", "--signaling", DEAD_SERVER), 99, self.output)
        self.assertIn("worse", (self.runs()[-1] / "comparison.txt").read_text())

    def test_a_margin_that_so_few_calls_cannot_rule_out_is_98(self):
        self.assertEqual(self.night(self.scenario()), 0, self.output)
        self.assertEqual(self.night("--margin", "1", self.scenario()), 98, self.output)

    def test_the_gravest_exit_code_wins_and_no_scenario_is_left_out(self):
        broken = self.folder / "broken.json"
        broken.write_text("{}")
        failing = self.scenario("failing", thresholds=IMPOSSIBLE)
        self.assertEqual(self.night(broken, failing, self.scenario()), 104, self.output)
        self.assertEqual([len(self.runs(name)) for name in ("failing", "tiny")], [1, 1])

    def test_another_scenario_of_the_same_name_says_how_to_accept_it(self):
        self.assertEqual(self.night(self.scenario()), 0, self.output)
        self.assertEqual(self.night(self.scenario(hold_ms=101)), 104, self.output)
        self.assertIn(f"rm -r {self.history}/baseline/tiny", self.output)

    def test_two_nights_do_not_share_a_history(self):
        self.history.mkdir()
        with open(self.history / ".lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.assertEqual(self.night(self.scenario()), 106)
        self.assertEqual(self.runs(), [])

    def test_a_wrong_command_line_is_2(self):
        for words in ([], ["--keep", "0", "x.json"], ["--keep"], ["--kep", "3", "x.json"]):
            self.assertEqual(self.night(*words), 2, words)
        self.assertEqual(self.night("--help"), 0)
        self.assertIn("--keep N", self.output)


if __name__ == "__main__":
    os.environ["TURNOUT"] = os.path.abspath(os.environ["TURNOUT"])
    unittest.main(argv=sys.argv, verbosity=2)
