"""The table: scenario by client, ok or failed. Each run of a file keeps its part; together they are the table.

    table.py FOLDER CLIENT...   prints it; fails where a client has failed at something, or has no results
"""

import json
import sys
from pathlib import Path

WORDS = {"passed": "ok", "failed": "FAILED", "skipped": "-"}


class Table:
    def __init__(self, folder):
        self.folder = folder
        self.parts = {}  # (client, file): scenario: [outcome, seconds]

    def note(self, client, file, scenario, report):
        rows = self.parts.setdefault((client, file), {})
        outcome, seconds = rows.get(scenario, ("passed", 0.0))
        # What ran well may still leave something behind, which is found when it ends.
        if report.outcome != "passed" and outcome == "passed":
            outcome = report.outcome
        rows[scenario] = (outcome, seconds + report.duration)

    def save(self):
        """Keeps this run's results, and returns the table with those of others."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for (client, file), rows in self.parts.items():
            (self.folder / f"{client}.{file}.json").write_text(json.dumps(rows, indent=1))
        text = render(read(self.folder))
        (self.folder / "clients.txt").write_text(text)
        return text


def read(folder):
    """client: scenario: [outcome, seconds]."""
    columns = {}
    for file in sorted(folder.glob("*.*.json")):
        columns.setdefault(file.name.partition(".")[0], {}).update(json.loads(file.read_text()))
    return columns


def render(columns):
    scenarios = list(dict.fromkeys(scenario for rows in columns.values() for scenario in rows))
    width = max(map(len, scenarios), default=0)
    lines = ["scenario".ljust(width) + "".join(f"{client:>10}" for client in columns)]
    for scenario in scenarios:
        cells = (WORDS[rows[scenario][0]] if scenario in rows else "" for rows in columns.values())
        lines.append((scenario.ljust(width) + "".join(f"{cell:>10}" for cell in cells)).rstrip())
    totals = (f"{sum(seconds for _, seconds in rows.values()):.0f} s" for rows in columns.values())
    lines.append("time".ljust(width) + "".join(f"{total:>10}" for total in totals))
    return "\n".join(lines) + "\n"


def main(folder, *clients):
    columns = read(Path(folder))
    print(render(columns))
    return int(any(client not in columns for client in clients)
               or any(outcome == "failed" for rows in columns.values() for outcome, _ in rows.values()))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
