"""What became of the mutants: counted for each file, and those that should not live shown as they are found."""

import tomllib
from collections import defaultdict
from pathlib import Path

GROUPS = [
    group
    for file in (Path(__file__).parent / "equivalent").glob("*.toml")
    for group in tomllib.loads(file.read_text())["equivalent"]
]
EQUIVALENT = {(group["file"], change.strip()) for group in GROUPS for change in group["changes"]}
COLUMNS = ("mutants", "killed", "equivalent", "alive")


def change_of(difference):
    """Return what is changed, as equivalent/ has it: the lines of a difference, each after its sign."""
    lines = [(line[0], line[1:].strip()) for line in difference]
    return "\n".join(f"{sign} {line}" for sign, line in lines if line)


class Report:
    """What became of the mutants; `wrong` are those that live, and those of equivalent/ that a test kills."""

    def __init__(self):
        self.counts, self.wrong = defaultdict(lambda: dict.fromkeys(COLUMNS, 0)), []

    def add(self, mutation, change, is_killed):
        """Count a mutant, and show it if it is wrong."""
        file = str(mutation.module_path)
        is_equivalent = (file, change) in EQUIVALENT
        self.counts[file]["mutants"] += 1
        self.counts[file]["killed" if is_killed else "equivalent" if is_equivalent else "alive"] += 1
        if is_killed is is_equivalent:
            what = "a test kills it, so it is not equivalent" if is_killed else "it lives"
            print(f"{file}, line {mutation.start_pos[0]}: {what}\n{change}\n", flush=True)
            self.wrong.append(mutation)

    def table(self):
        """Return the counts of each file and of all, as a table."""
        line = "{:28} {:>8} {:>8} {:>11} {:>6}".format
        rows = [line(file, *counts.values()) for file, counts in sorted(self.counts.items())]
        total = [sum(counts[column] for counts in self.counts.values()) for column in COLUMNS]
        return "\n".join([line("", *COLUMNS), *rows, line("all", *total)])
