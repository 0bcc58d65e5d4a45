"""A run that is watched: its page, its events and its metrics, while it goes on."""
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

TURNOUT = os.environ["TURNOUT"]
SCENARIO = {
    "name": "watched",
    "calls": {"per_arm": 6, "hold_ms": 1500},
    "arrival": {"spacing_ms": 250, "shape": "even"},
    "media": {"audio": {"bitrate_bps": 32000}, "video": None},
    "turn": [
        {"name": "direct"},
        {"name": "dead-server", "policy": "relay",
         "ice_servers": [{"urls": "turn:127.0.0.1:9", "username": "a", "credential": "b"}]},
    ],
    "deadlines": {"connect_ms": 2000, "leave_ms": 1000},
    "thresholds": {"success_rate{turn:direct}": ["rate>=1"], "success_rate{turn:dead-server}": ["rate<=0"]},
}


def checked_by_promtool(metrics):
    """What promtool has to complain about; None where there is no promtool."""
    if not shutil.which("promtool"):
        return None
    return subprocess.run(["promtool", "check", "metrics"], input=metrics, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=30).stdout


class Live(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="turnout-live-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        (self.folder / "scenario.json").write_text(json.dumps(SCENARIO))
        self.run_ = subprocess.Popen(
            [TURNOUT, "run", "scenario.json", "--out", "run", "--serve", ":0", "--prometheus", "run.prom"],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end)
        self.port = int(self.line_with(r"live page: http://127\.0\.0\.1:(\d+)/").group(1))

    def end(self):
        if self.run_.poll() is None:
            self.run_.kill()
        self.run_.communicate()

    def line_with(self, pattern):
        for line in self.run_.stderr:
            if found := re.search(pattern, line):
                return found
        self.fail(f"turnout never said {pattern}")

    def get(self, path, method="GET", headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.addCleanup(connection.close)
        connection.request(method, path, headers=headers or {})
        return connection.getresponse()

    def events(self):
        """Pairs of event name and state, until the run is over."""
        answer = self.get("/events")
        self.assertEqual(answer.getheader("Content-Type"), "text/event-stream")
        name = "message"
        for raw in answer:
            line = raw.decode().rstrip("\n")
            if line.startswith("event: "):
                name = line[len("event: "):]
            elif line.startswith("data: "):
                yield name, json.loads(line[len("data: "):])

    def test_tells_the_run_from_its_start_to_the_verdict(self):
        told = list(self.events())
        self.assertEqual([name for name, _ in told[:-1]], ["message"] * (len(told) - 1))
        self.assertGreater(len(told), 3, "one a second")
        for name, state in told:
            self.assertEqual([arm["planned"] for arm in state["arms"]], [6, 6])
        self.assertTrue(any(state["bots"]["in_call"] > 0 for _, state in told), "nobody was ever seen in a call")
        name, last = told[-1]
        self.assertEqual(name, "over")
        if "turnout itself was the bottleneck" in last["sentence"]:
            self.skipTest("this machine is too busy: run this test alone")
        self.assertEqual(last["verdict"], "pass")
        self.assertEqual([arm["succeeded"] for arm in last["arms"]], [6, 0])
        self.assertEqual([arm["failed"] for arm in last["arms"]], [0, 6])
        self.assertEqual(last["failures_seen"], 6)
        self.assertEqual({failure["arm"] for failure in last["failures"]}, {1})
        self.assertEqual(self.run_.wait(timeout=30), 0)
        stored = json.loads((self.folder / "run/summary.json").read_text())
        self.assertEqual(stored["sentence"], last["sentence"])

    def test_metrics_are_valid_while_it_goes_on_and_after(self):
        families = re.compile(r"^# TYPE (\S+)", re.MULTILINE)
        for index, (_, state) in enumerate(self.events()):
            if index == 3:
                live = self.get("/metrics").read().decode()
        self.assertEqual(self.run_.wait(timeout=30), 0)
        after = (self.folder / "run.prom").read_text()
        for metrics in (live, after):
            self.assertIn(checked_by_promtool(metrics), (None, ""))
        self.assertEqual(set(families.findall(after)) - set(families.findall(live)),
                         {"turnout_threshold_result", "turnout_threshold_value", "turnout_threshold_calls"})
        self.assertIn('turnout_run_verdict{scenario="watched",verdict="pass"} 0\n', live)
        self.assertIn('turnout_run_verdict{scenario="watched",verdict="pass"} 1\n', after)

    def test_the_page_needs_nothing_else_and_nobody_else_may_read_it(self):
        answer = self.get("/")
        page = answer.read().decode()
        self.assertEqual(answer.getheader("Content-Type"), "text/html; charset=utf-8")
        self.assertIn("connect-src 'self'", page)
        self.assertIsNone(re.search(r"(src|href)=.?https?:", page))
        self.assertEqual(self.get("/", headers={"Host": "evil.example"}).status, 421)
        self.assertEqual(self.get("/events", headers={"Host": f"evil.example:{self.port}"}).status, 421)
        self.assertEqual(self.get("/", headers={"Host": f"localhost:{self.port}"}).status, 200)
        self.assertEqual(self.get("/metrics", method="POST").status, 405)
        self.assertEqual(self.get("/etc/passwd").status, 404)


if __name__ == "__main__":
    unittest.main()
