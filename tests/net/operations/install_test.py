"""What `cmake --install` and the Debian package bring: enough to run without the sources."""
import os
import pathlib
import subprocess
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["TURNOUT"]).parent


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="turnout-install-")
        cls.prefix = pathlib.Path(cls.folder.name) / "usr"
        cls.away = pathlib.Path(cls.folder.name) / "away"
        cls.away.mkdir()
        subprocess.run(["cmake", "--install", BUILD, "--prefix", cls.prefix], check=True, stdout=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def turnout(self, *words, **options):
        return subprocess.run([self.prefix / "bin/turnout", *words], cwd=self.away, timeout=100, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)

    def test_a_shipped_scenario_runs_by_its_name(self):
        run = self.turnout("run", "smoke", "--quiet", "--calls", "1")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertTrue((self.away / "runs/latest/summary.json").exists())

    def test_init_writes_a_scenario_that_holds(self):
        for words in ([], ["--turn", "turns:turn.example.org:443?transport=tcp", "--username", "u"], ["--kind", "call"]):
            with self.subTest(words=words):
                written = self.turnout("init", "first.json", "--force", *words)
                self.assertEqual(written.returncode, 0, written.stderr)
                checked = self.turnout("validate", "first.json")
                self.assertEqual(checked.returncode, 0, checked.stderr)
                self.assertNotIn("note:", checked.stdout)  # a flawless run decides every threshold
        again = self.turnout("init", "first.json")
        self.assertEqual(again.returncode, 2)
        self.assertIn("--force", again.stderr)
        wrong = self.turnout("init", "second.json", "--turn", "turn::99999")
        self.assertEqual(wrong.returncode, 2)
        self.assertFalse((self.away / "second.json").exists())

    def test_every_command_has_its_page(self):
        commands = [line.split()[0] for line in self.turnout("help").stdout.splitlines()
                    if line.startswith("  ") and line[2] != " "]
        commands = commands[:commands.index("help")]
        pages = {page.name for page in (self.prefix / "share/man/man1").iterdir()}
        self.assertLessEqual({f"turnout-{command}.1" for command in commands if command != "version"}, pages)
        run = (self.prefix / "share/man/man1/turnout-run.1").read_text()
        self.assertIn("\\-\\-seed", run)
        self.assertNotIn("\n.turnout", run)  # no word of ours is taken for a request

    def test_bash_completes_commands_and_options(self):
        script = self.prefix / "share/bash-completion/completions/turnout"

        def complete(*words):
            told = subprocess.run(["bash", "-c", f"source {script}; COMP_WORDS=(turnout \"$@\"); COMP_CWORD=$#; _turnout; "
                                   "printf '%s\\n' \"${COMPREPLY[@]}\"", "bash", *words], text=True, check=True,
                                  stdout=subprocess.PIPE)
            return told.stdout.split()
        self.assertEqual(complete("val"), ["validate"])
        self.assertEqual(complete("run", "--see"), ["--seed"])
        self.assertEqual(complete("power", "--see"), [])

    def test_the_version_names_its_libraries(self):
        self.assertRegex(self.turnout("-V").stdout, r"^turnout \d+\.\d+\.\d+.*\ngstreamer 1\.\d+")


if __name__ == "__main__":
    unittest.main()
