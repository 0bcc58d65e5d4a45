"""The dashboards of .ci/monitoring ask for metrics and labels that the server has."""
import json
import os
import pathlib
import re
import subprocess
import unittest
import urllib.request

MONITORING = pathlib.Path(__file__).resolve().parents[3] / ".ci" / "monitoring"


def served_metrics():
    """What a fresh server tells on /metrics: the labels of each metric."""
    server = subprocess.Popen([os.environ["TURNOUT"], "serve", "--listen", "127.0.0.1:0"],
                              stdout=subprocess.PIPE, text=True)
    try:
        url = re.search(r"http://[^,;\s]+", server.stdout.readline()).group()
        text = urllib.request.urlopen(f"{url}/metrics", timeout=10).read().decode()
    finally:
        server.terminate()
        server.communicate(timeout=10)
    metrics = {}
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", text, re.MULTILINE):
        metrics.setdefault(name, set()).update(re.findall(r"(\w+)=", labels))
    return metrics


class Dashboard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.metrics = served_metrics()
        cls.files = list(MONITORING.glob("grafana/dashboards/*.json"))
        cls.targets = [(panel["title"], target) for file in cls.files
                       for panel in json.loads(file.read_text())["panels"]
                       for target in panel["targets"]]

    def test_there_are_queries(self):
        self.assertGreater(len(self.targets), 10)

    def test_every_query_names_a_metric_that_the_server_has(self):
        for title, target in self.targets:
            named = re.findall(r"turnout_\w+", target["expr"])
            self.assertTrue(named, f"{title}: {target['expr']}")
            for name in named:
                self.assertIn(name, self.metrics, title)

    def test_every_legend_names_a_label_of_its_metric(self):
        for title, target in self.targets:
            [name] = re.findall(r"turnout_\w+", target["expr"])
            for label in re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]):
                self.assertIn(label, self.metrics[name], title)

    def test_the_panels_of_a_dashboard_do_not_lie_on_each_other(self):
        for file in self.files:
            places = [tuple(sorted(panel["gridPos"].items()))
                      for panel in json.loads(file.read_text())["panels"]]
            self.assertEqual(len(places), len(set(places)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
