"""Plots as SVG, by hand: horizontal bars and lines, legible on a light and on a dark page."""

from html import escape

STYLE = """<style>
text{font:13px system-ui,sans-serif;fill:#57606a} .name{fill:#1f2328} .own{font-weight:700}
.bar{fill:#8c959f} .bar.own{fill:#d1570b} .bar.floor{fill:#b6bec7} .grid{stroke:#8c959f55}
.range{stroke:#1f2328;stroke-width:2}
.line{fill:none;stroke-width:2;stroke:#8c959f} .line.own{stroke:#d1570b} .dot{fill:#8c959f}
.dot.own{fill:#d1570b} .title{font-size:15px;font-weight:600;fill:#1f2328}
@media (prefers-color-scheme:dark){text{fill:#9198a1} .name,.title{fill:#e6edf3}
.range{stroke:#e6edf3}}
</style>"""


def picture(width, height, title, body) -> str:
    head, _, below = title.partition("\n")
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" aria-label="{escape(title)}">{STYLE}'
            f'<text class="title" x="12" y="24">{escape(head)}</text>'
            f'<text x="12" y="42">{escape(below)}</text>{"".join(body)}</svg>\n')


def kind(name: str) -> str:
    if name == "troupe":
        return "own"
    return "floor" if name.startswith("floor") else ""


def bars(title: str, rows: list) -> str:
    """rows: (name, label, value, low, high, text); longest bar fills the width."""
    top = max((high for _, _, _, _, high, _ in rows), default=1) or 1
    left, width, step = 200, 420, 26
    body = []
    for i, (name, label, value, low, high, text) in enumerate(rows):
        y = 58 + i * step
        length = value / top * width
        body.append(f'<text class="name {kind(name)}" x="{left - 8}" y="{y + 13}" '
                    f'text-anchor="end">{escape(label)}</text>')
        body.append(f'<rect class="bar {kind(name)}" x="{left}" y="{y}" height="17" rx="2" '
                    f'width="{max(length, 1):.1f}"/>')
        if high > low:
            a, b = left + low / top * width, left + high / top * width
            body.append(f'<path class="range" d="M{a:.1f} {y + 8.5}H{b:.1f}"/>')
        body.append(f'<text x="{left + max(length, high / top * width) + 8:.1f}" y="{y + 13}">'
                    f"{escape(text)}</text>")
    return picture(left + width + 110, 68 + len(rows) * step, title, body)


def short(value: float) -> str:
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:g}{unit}"
    return f"{value:g}"


def lines(title: str, x_title: str, series: dict) -> str:
    """series: name -> [(x, y)]; x on a logarithmic scale, y from zero."""
    from math import log10
    points = [p for line in series.values() for p in line]
    if not points:
        return picture(640, 60, title, [])
    x_low, x_high = min(x for x, _ in points), max(x for x, _ in points)
    y_high = max(y for _, y in points) * 1.1 or 1
    left, top, width, height = 56, 60, 500, 220

    def place(x, y):
        across = log10(x / x_low) / (log10(x_high / x_low) or 1)
        return left + across * width, top + height - y / y_high * height

    body = []
    for part in range(5):
        y = y_high * part / 4
        _, at = place(x_low, y)
        body.append(f'<path class="grid" d="M{left} {at:.1f}h{width}"/>'
                    f'<text x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{y:.3g}</text>')
    for x in sorted({x for x, _ in points}):
        at, _ = place(x, 0)
        body.append(f'<text x="{at:.1f}" y="{top + height + 18}" text-anchor="middle">'
                    f"{short(x)}</text>")
    body.append(f'<text x="{left + width / 2}" y="{top + height + 38}" text-anchor="middle">'
                f"{escape(x_title)}</text>")
    for name, line in series.items():
        placed = [place(x, y) for x, y in sorted(line)]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in placed)
        body.append(f'<path class="line {kind(name)}" d="M{path}"/>')
        body += [f'<circle class="dot {kind(name)}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>'
                 for x, y in placed]
        body.append(f'<text class="name {kind(name)}" x="{placed[-1][0] + 8:.1f}" '
                    f'y="{placed[-1][1] + 4:.1f}">{escape(name)}</text>')
    return picture(left + width + 90, top + height + 50, title, body)
