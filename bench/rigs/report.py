#!/usr/bin/env python3
"""Writes what `make bench` measured into bench/RESULTS.md, between its two marks, and the plots beside it.

    bench/rigs/report.py DIRECTORY [--results bench/RESULTS.md] [--plots bench/plots]

DIRECTORY holds what the rigs left: `NAME/results.json` of each run of compare.py, where NAME is the number of mails, or `users`, `enron`
or `spamassassin`, and `rigs.jsonl`, the line of each other rig with its command as `rig`. Everything outside the marks is left as it is.
"""
import argparse
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import compare  # noqa: E402
from server import ROOT, note  # noqa: E402

BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"
OURS = "maildex"
GROWING = ("common", "and2", "or", "phrase", "prefix", "unread")


def read_runs(directory):
    """Name → what compare.py left, by size, those of other names last."""
    runs = {path.parent.name: json.loads(path.read_text()) for path in directory.glob("*/results.json")}
    return dict(sorted(runs.items(), key=lambda run: (not run[0].isdigit(), int(run[0]) if run[0].isdigit() else 0, run[0])))


TITLES = {"users": "10,000 users, each query in one user's mail",
          "enron": "Enron's mailboxes, each query in one owner's mail",
          "spamassassin": "The SpamAssassin corpus as one mailbox"}


def title(name):
    return TITLES.get(name) or f"{int(name):,} mails in one mailbox"


def standing(medians):
    """For each kind of page and count: (kind, what, our p50, the best peer, its p50); whole mail programs do not count."""
    rows = []
    for kind in compare.kinds_of(medians):
        for what in ("page", "number"):
            p50 = {engine: median(result["query"].get(kind), what) for engine, result in medians.items()
                   if engine not in compare.WHOLE_TOOLS}
            peers = {engine: value for engine, value in p50.items() if engine != OURS and value}
            if p50.get(OURS) and peers and not (kind == "count" and what == "page"):
                best = min(peers, key=peers.get)
                rows.append((kind, what, p50[OURS], best, peers[best]))
    return rows


def median(figures, what):
    if figures and what == "number":
        figures = figures.get("exact_count")
    return figures["p50"] if figures else None


def standing_text(medians):
    rows = standing(medians)
    behind = sorted((row for row in rows if row[2] > row[4]), key=lambda row: -row[2] / row[4])
    text = f"Ahead of every peer in {len(rows) - len(behind)} of {len(rows)} rows of these two tables."
    if behind:
        text += " Behind in: " + "; ".join(
            f"{kind} {what} ({best} by {ours / theirs:.1f})" for kind, what, ours, best, theirs in behind) + "."
    return text + "\n"


def growth_table(runs):
    sizes = [name for name in runs if name.isdigit()]
    engines = [engine for engine in (OURS, "lucene", "tantivy", "fts5")
               if all(engine in runs[name]["medians"] for name in sizes)]
    rows = []
    for kind in GROWING:
        for engine in engines:
            p50 = [median(runs[name]["medians"][engine]["query"].get(kind), "page") for name in sizes]
            if all(p50):
                rows.append([kind, engine, *map(compare.number, p50), f"{p50[-1] / p50[0]:.1f}"])
    return compare.table(["kind", "engine", *(f"{int(name):,}" for name in sizes), "grows by"], rows)


def growth_plot(runs, path):
    from matplotlib import pyplot
    sizes = [name for name in runs if name.isdigit()]
    figure, panels = pyplot.subplots(1, len(GROWING), figsize=(2.6 * len(GROWING), 3), sharey=True)
    for kind, axes in zip(GROWING, panels):
        for engine in (OURS, "lucene", "tantivy", "fts5"):
            points = [(int(name), median(runs[name]["medians"].get(engine, {}).get("query", {}).get(kind), "page"))
                      for name in sizes]
            points = [point for point in points if point[1]]
            axes.loglog([size for size, _ in points], [p50 for _, p50 in points], marker="o", label=engine)
        axes.set(title=kind, xlabel="mails")
    panels[0].set_ylabel("newest twenty, p50 µs")
    panels[-1].legend(fontsize="small")
    compare.save(figure, path)


def rigs_table(path):
    rows = []
    for line in path.read_text().splitlines() if path.exists() else []:
        figures = json.loads(line)
        shown = [f"{key} {value if not isinstance(value, dict) else brief(value)}" for key, value in figures.items()
                 if key not in ("rig", "mode", "seed")]
        rows.append([f"`{figures.get('rig', '?')}`", ", ".join(shown)])
    return compare.table(["rig", "figures"], rows) if rows else ""


def brief(distribution):
    if not {"p50", "p95", "p99"} & distribution.keys():
        return "(" + ", ".join(f"{key} {value}" for key, value in distribution.items()) + ")"
    times = "/".join(str(round(distribution[key], 1)) for key in ("p50", "p95", "p99") if key in distribution)
    rest = [f"{key} {value}" for key, value in distribution.items() if key in ("received", "rebuilds", "searches_s")]
    return " ".join([times] + ([f"({', '.join(rest)})"] if rest else []))


def section(directory, runs, plots):
    """The text between the marks; draws the plots."""
    link = Path(plots).name
    parts = ["## The last run of `make bench`\n"]
    for name, run in runs.items():
        parts += [f"### {title(name)}\n", compare.tables(run["medians"], run["about"]).replace("\n### ", "\n#### "),
                  standing_text(run["medians"])]
        (plots / name).mkdir(parents=True, exist_ok=True)
        compare.plots(run["medians"], plots / name)
        drawn = sorted(path.name for path in (plots / name).glob("*.svg"))
        parts.append("\n".join(f"![{file.removesuffix('.svg')}]({link}/{name}/{file})" for file in drawn) + "\n")
    if sum(name.isdigit() for name in runs) > 1:
        parts += ["### From mailbox to larger mailbox\n", "Newest twenty, p50 µs.\n", growth_table(runs), f"![growth]({link}/growth.svg)\n"]
        growth_plot(runs, plots / "growth.svg")
    if rigs := rigs_table(directory / "rigs.jsonl"):
        parts += ["### The whole server\n", "Distributions as p50/p95/p99, those that a rig has of them, times in ms.\n", rigs]
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--results", type=Path, default=ROOT / "bench" / "RESULTS.md")
    parser.add_argument("--plots", type=Path, default=ROOT / "bench" / "plots")
    arguments = parser.parse_args()
    runs = read_runs(arguments.directory)
    if not runs:
        sys.exit(f"FAILED: no results of compare.py in {arguments.directory}")
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "maildex"
    text = section(arguments.directory, runs, arguments.plots)
    whole = arguments.results.read_text()
    before, mark, rest = whole.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not mark or not end:
        sys.exit(f"FAILED: {arguments.results} lacks the marks {BEGIN} and {END}")
    arguments.results.write_text(f"{before}{BEGIN}\n{text}{END}{after}")
    note(f"{arguments.results}: {', '.join(runs)}")


if __name__ == "__main__":
    main()
