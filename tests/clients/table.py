"""The table: scenario by client, ok or failed. Each run puts its results into what earlier runs of others left."""

import json

WORDS = {"passed": "ok", "failed": "FAILED", "skipped": "-"}


class Table:
    def __init__(self, folder):
        self.folder = folder
        self.rows = {}  # scenario: client: [outcome, seconds]

    def note(self, item, report):
        scenario, client = self._names(item)
        outcome, seconds = self.rows.setdefault(scenario, {}).get(client, ("passed", 0.0))
        # A stage that was good to begin with may still find something when it ends.
        if report.outcome != "passed" and outcome == "passed":
            outcome = report.outcome
        self.rows[scenario][client] = (outcome, seconds + report.duration)

    @staticmethod
    def _names(item):
        client = item.callspec.params["name"]
        others = [str(value) for key, value in item.callspec.params.items() if key != "name"]
        title = item.originalname.removeprefix("test_").replace("_", " ")
        return " · ".join([title, *others]), client

    def save(self):
        """Writes what is known of all clients, and returns it as text."""
        self.folder.mkdir(parents=True, exist_ok=True)
        columns = {}
        for client in sorted({each for row in self.rows.values() for each in row}):
            mine = {scenario: row[client] for scenario, row in self.rows.items() if client in row}
            (self.folder / f"{client}.json").write_text(json.dumps(mine, indent=1))
        for file in sorted(self.folder.glob("*.json")):
            columns[file.stem] = json.loads(file.read_text())
        text = render(columns)
        (self.folder / "clients.txt").write_text(text)
        return text


def render(columns):
    scenarios = list(dict.fromkeys(scenario for rows in columns.values() for scenario in rows))
    width = max(map(len, scenarios), default=0)
    lines = ["scenario".ljust(width) + "".join(f"{client:>10}" for client in columns)]
    for scenario in scenarios:
        cells = (WORDS[rows[scenario][0]] if scenario in rows else "" for rows in columns.values())
        lines.append(scenario.ljust(width) + "".join(f"{cell:>10}" for cell in cells))
    totals = (f"{sum(seconds for _, seconds in rows.values()):.0f} s" for rows in columns.values())
    lines.append("time".ljust(width) + "".join(f"{total:>10}" for total in totals))
    return "\n".join(lines) + "\n"
