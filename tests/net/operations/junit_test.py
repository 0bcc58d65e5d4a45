"""JUnit reports against what readers of them agree on: the schema of Jenkins' xUnit plugin and that of
Ant, whose common part this is. Checked by rules, as neither schema is ours to copy."""
import os
import pathlib
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import stored_run

TURNOUT = os.environ["TURNOUT"]

# Of each element: attributes that must be there, those that may, children in their order.
RULES = {
    "testsuites": ({"name", "tests", "failures", "errors"}, {"time", "disabled"}, ["testsuite"]),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time", "timestamp", "hostname", "id", "package"}, set(),
                  ["properties", "testcase", "system-out", "system-err"]),
    "properties": (set(), set(), ["property"]),
    "property": ({"name", "value"}, set(), []),
    "testcase": ({"name", "classname", "time"}, set(), ["skipped", "error", "failure", "system-out", "system-err"]),
    "failure": ({"type", "message"}, set(), []),
    "error": ({"type", "message"}, set(), []),
    "skipped": (set(), {"message"}, []),
    "system-out": (set(), set(), []),
    "system-err": (set(), set(), []),
}
COUNTS = {"tests": "testcase", "failures": "testcase/failure", "errors": "testcase/error", "skipped": "testcase/skipped"}


class JUnit(unittest.TestCase):
    def report(self, **run):
        folder = tempfile.TemporaryDirectory(prefix="turnout-junit-")
        self.addCleanup(folder.cleanup)
        file = pathlib.Path(folder.name) / "junit.xml"
        stored_run.store(pathlib.Path(folder.name) / "run", **run)
        self.exit_ = subprocess.run([TURNOUT, "report", "run", "--junit", file], cwd=folder.name, timeout=60,
                                    stdout=subprocess.DEVNULL).returncode
        root = ElementTree.parse(file).getroot()
        self.follow_rules(root)
        return root

    def follow_rules(self, element):
        must, may, children = RULES[element.tag]
        names = set(element.attrib)
        self.assertLessEqual(must, names, f"{element.tag} lacks {must - names}")
        self.assertLessEqual(names, must | may, f"{element.tag} has {names - must - may}")
        places = [children.index(child.tag) for child in element]
        self.assertEqual(places, sorted(places), f"order in {element.tag}")
        if element.tag == "testsuite":
            self.check_suite(element)
        if element.tag == "testcase":
            self.assertLessEqual(sum(child.tag in ("skipped", "error", "failure") for child in element), 1)
        for child in element:
            self.follow_rules(child)

    def check_suite(self, suite):
        for attribute, path in COUNTS.items():
            self.assertEqual(int(suite.get(attribute)), len(suite.findall(path)), attribute)
        self.assertRegex(suite.get("timestamp"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$")
        self.assertGreaterEqual(float(suite.get("time")), 0)
        names = [(case.get("classname"), case.get("name")) for case in suite.findall("testcase")]
        self.assertEqual(len(names), len(set(names)), "a reader tells testcases apart by their names")

    def results(self, root):
        """What became of each testcase."""
        return {case.get("name"): next((child.tag for child in case if child.tag != "system-out"), "passed")
                for case in root.iter("testcase")}

    def test_three_states_and_sums(self):
        root = self.report(calls=100, success_rate=0.9, seed=5, thresholds={
            "success_rate": ["rate>=0.5", "rate>=0.9", "rate>=1"], "connect_time{turn:*}": ["max<1"]})
        self.assertEqual(self.exit_, 99)
        self.assertEqual(self.results(root), {
            "success_rate rate>=0.5": "passed", "success_rate rate>=0.9": "skipped", "success_rate rate>=1": "failure",
            "connect_time{turn:*} max<1": "failure", "the run can be judged": "passed"})
        self.assertEqual((root.get("tests"), root.get("failures"), root.get("errors")), ("5", "2", "0"))
        suites = root.findall("testsuite")
        self.assertEqual([suite.get("id") for suite in suites], [str(index) for index in range(len(suites))])
        for case in root.iter("testcase"):
            if case.get("name").startswith("success_rate"):
                told = " ".join(child.get("message") or child.text for child in case)
                self.assertTrue(re.search(r"[0-9.]+ % \(95 % interval [0-9.]+-[0-9.]+ %\), n = 100; wanted", told), told)

    def test_a_run_that_turnout_spoilt_is_an_error(self):
        root = self.report(calls=10, success_rate=1, seed=6, reason="interrupted", thresholds={"success_rate": ["rate>=1"]})
        self.assertEqual(self.exit_, 98)
        self.assertEqual(self.results(root)["the run can be judged"], "error")


if __name__ == "__main__":
    unittest.main()
