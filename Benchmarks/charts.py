"""Draws the figures of a JSON file as SVG charts with matplotlib: those of `make bench` or those of `make scale`.

usage: charts.py FIGURES.json FOLDER
"""

import json
import re
import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402  the back end comes first
from matplotlib.ticker import EngFormatter, FuncFormatter  # noqa: E402

# The background is transparent, and the grey is readable on a light and on a dark page. The colours stay apart for
# readers who do not see red and green apart. Text stays text, and no identifier changes from run to run.
GREY, COLOURS = "#7d8590", ["#2f81f7", "#db6d28", "#a371f7"]
pyplot.rcParams.update({
    "svg.fonttype": "none", "svg.hashsalt": "airlock", "font.family": "sans-serif", "font.size": 9,
    "text.color": GREY, "axes.labelcolor": GREY, "axes.edgecolor": GREY, "xtick.color": GREY, "ytick.color": GREY,
    "grid.color": GREY, "grid.alpha": 0.3, "axes.spines.top": False, "axes.spines.right": False})


def save(figure: pyplot.Figure, folder: Path, name: str) -> None:
    path = folder / (re.sub("[^a-z0-9]+", "-", name.lower()).strip("-") + ".svg")
    figure.savefig(path, transparent=True, bbox_inches="tight", metadata={"Date": None, "Title": name})
    pyplot.close(figure)
    path.write_text("".join(line.rstrip() + "\n" for line in path.read_text().splitlines()))


def titled(title: str, machine: str, width: float, height: float) -> tuple[pyplot.Figure, pyplot.Axes]:
    figure, axes = pyplot.subplots(figsize=(width, height))
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", pad=24)
    axes.annotate(machine, (0, 1), xycoords="axes fraction", xytext=(0, 12), textcoords="offset points", fontsize=8)
    return figure, axes


def bars(axes: pyplot.Axes, rows: list[tuple[str, float]], start: float, text: str) -> None:
    """Horizontal bars from `start`, the first row at the top, each with its value beside it."""
    values = [value for _, value in rows]
    colours = [COLOURS[1] if start and value > start else COLOURS[0] for value in values]
    axes.barh([name for name, _ in rows], [value - start for value in values], left=start, color=colours, height=0.65)
    axes.invert_yaxis()
    axes.margins(y=0.6 / len(rows))
    axes.tick_params(axis="y", length=0)
    for number, value in enumerate(values):
        axes.annotate(text.format(value), (max(value, start), number), xytext=(4, 0), textcoords="offset points",
                      verticalalignment="center", fontsize=8)


def ratios(rows: list[tuple[str, float, float | None]], title: str, machine: str, folder: Path, name: str) -> None:
    """Bars of ratios on a logarithmic axis, to the left of 1 where ours takes less, and a mark at each goal."""
    figure, axes = titled(title, machine, 9, 0.8 + 0.21 * len(rows))
    axes.set_xscale("log")
    bars(axes, [(label, ratio) for label, ratio, _ in rows], 1, "{:.3g}")
    for number, (_, _, goal) in enumerate(rows):
        if goal:
            axes.plot([goal, goal], [number - 0.4, number + 0.4], color=GREY, linewidth=2)
    axes.axvline(1, color=GREY, linewidth=1)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    save(figure, folder, name)


def growth(curve: dict, machine: str, folder: Path) -> None:
    """Time by size on two logarithmic axes: a cost in proportion to the size is a line of slope one."""
    figure, axes = titled(curve["name"], machine, 7.5, 4)
    for series, colour in zip(curve["series"], COLOURS):
        sizes, times = zip(*series["points"])
        axes.loglog(sizes, [time * 1e-9 for time in times], "o-", markersize=4, label=series["name"], color=colour)
    axes.set_xlabel(curve["unit"])
    axes.yaxis.set_major_formatter(EngFormatter(unit="s"))
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.grid(True)
    if len(curve["series"]) > 1:
        axes.legend(frameon=False, labelcolor=GREY)
    save(figure, folder, curve["name"])


def main() -> None:
    figures, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    machine = f"{figures['processor']}, {figures['cores']} cores, load {figures['load']}, {figures['date']}"
    if "rates" in figures:
        rates = [(row["name"], row["rate"]) for row in figures["rates"]]
        figure, axes = titled(figures["title"], machine, 7.5, 0.8 + 0.3 * len(rates))
        bars(axes, rates, 0, "{:.0f} a second")
        save(figure, folder, "payments-a-second")
    for curve in figures.get("growth", []):
        growth(curve, machine, folder)
    if "rows" not in figures:
        return
    # The table shows every kernel of Keccak. The chart shows those that the tools use.
    rows = [row for row in figures["rows"] if not (row["name"].startswith("keccak/") and row["name"].count("/") > 1)]
    goals = {(row["name"], goal["of"]): goal for row in figures["rows"] for goal in row["goals"]}
    ratios([(f"{row['name']} / {peer['name']}", peer["ratio"], goals.get((row["name"], peer["name"]), {}).get("most"))
            for row in rows for peer in row["peers"]],
           "Time of ours as a share of the peer's, and the goal (|)", machine, folder, "peers")
    ratios([(" / ".join(filter(None, key)), goal["is"] / goal["most"], None) for key, goal in goals.items()],
           "Time as a share of the goal's: left of 1 is better", machine, folder, "goals")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main()
