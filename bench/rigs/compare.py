#!/usr/bin/env python3
"""Maildex's index and its peers on the same documents and queries, one after another: are the answers equal, and how fast?

    bench/rigs/compare.py [--docs FILE.jsonl --queries FILE.json | --count N | --archive enron|spamassassin] [--seed S]
                          [--maildex PATH/maildex-bench]
                          [--each 40] [--engines fts5,tantivy,…] [--repeats 3] [--passes 15] [--budget 4] [--durable 500] [--cold 9]
                          [--users] [--step 47] [--out DIR] [--work DIR]

The mails are recombined from real ones, or with --archive they are the real ones of an archive, as they were: of one mailbox, or with
--users each of its owner's.

Each engine in turn: `bulk` into a fresh directory, `query`, `cold` (its files dropped from the page cache before each
round), `durable` on top; of Maildex also `memory` before that and `flags` after it. The whole round --repeats times, figures
are medians over the rounds. The numbers of hits and the
newest-twenty lists of every engine are compared with a naive scan (bench/peers/naive.py) in every round. Any difference
is printed, no figure is, and the exit code is 1. Whole mail programs (notmuch, mu) have their own idea of words: their
differences are printed as notes.

Prints Markdown tables; with --out also writes results.json, tables.md and, if matplotlib is there, plots as SVG. Run it on
a quiet machine. What the peers need is in bench/peers/README.md.
"""
import argparse
import contextlib
import datetime
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
from corpus import ARCHIVES  # noqa: E402
from server import ROOT, note  # noqa: E402

PEERS = ROOT / "bench" / "peers"
SCRIPTS = {"fts5": "fts5.py", "tantivy": "tantivy_peer.py", "xapian": "xapian_peer.py", "lucene": "lucene_peer.py",
           "postgres": "postgres_peer.py", "notmuch": "notmuch_peer.py", "mu": "mu_peer.py"}
WHOLE_TOOLS = ("notmuch", "mu")
PEER_PYTHON = PEERS / ".venv" / "bin" / "python3"
CLIENTS = 64  # mails in flight where Maildex commits them together
DOOR_MAILS = 100_000  # at most so many are put through the door before anything is measured there: it stores originals, too
SHOWN = 200  # differences of one engine that are printed in full; the number is always said


# Running


class Failure(Exception):
    """An engine ended with an error."""


def command(engine, arguments):
    """What is started for an engine, before the verb."""
    if engine == "maildex":
        return [arguments.maildex.resolve()]
    return [arguments.python, PEERS / (SCRIPTS.get(engine) or "naive.py")]


def run(engine, verb, arguments, *options):
    """The JSON object that a verb ends with."""
    words = [*command(engine, arguments), verb, *options] + ["--users"] * arguments.users
    process = subprocess.Popen([str(word) for word in words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    last = ""
    for line in process.stdout:
        if line.strip() == "EVICT":
            evict(options[options.index("--dir") + 1])
            process.stdin.write("\n")
            process.stdin.flush()
        last = line if line.strip() else last
    if process.wait():
        raise Failure(f"{engine} {verb} ends with {process.returncode}")
    return json.loads(last)


def evict(directory):
    """Drops all files below the directory from the page cache. Pages that some process has mapped stay."""
    for path in Path(directory).rglob("*"):
        if path.is_file() and not path.is_symlink():
            with contextlib.suppress(PermissionError), open(path, "rb") as file:
                os.fsync(file.fileno())
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def measure(engine, arguments, work):
    """All verbs of an engine on a fresh directory: (figures, totals)."""
    directory, totals = work / engine, work / f"{engine}.totals"
    shutil.rmtree(directory, ignore_errors=True)
    limit = ["--limit", arguments.limit] if arguments.limit else []
    queries = ["--queries", arguments.queries, "--dir", directory]
    figures = {"bulk": run(engine, "bulk", arguments, "--docs", arguments.docs, "--dir", directory, *limit)}
    figures["query"] = run(engine, "query", arguments, *queries, "--passes", arguments.passes, "--budget", arguments.budget,
                           "--totals", totals)
    if arguments.cold:
        figures["cold"] = run(engine, "cold", arguments, *queries, "-n", arguments.cold)
    if engine == "maildex":
        figures["memory"] = run(engine, "memory", arguments, *queries)
    if arguments.durable:
        step = ["--step", arguments.step] if arguments.users else []
        figures["durable"] = run(engine, "durable", arguments, "--docs", arguments.docs, "--dir", directory,
                                 "--limit", arguments.durable, "--start", figures["bulk"]["mails"], *step)
    if engine == "maildex" and arguments.durable:
        figures |= in_flight_and_door(figures, arguments, directory)
    if engine == "maildex" and not arguments.users:
        figures["flags"] = run(engine, "flags", arguments, "--dir", directory)
    shutil.rmtree(directory, ignore_errors=True)
    return figures, json.loads(totals.read_text())


def in_flight_and_door(figures, arguments, directory):
    """`durable` of Maildex with mails in flight, through the door to the mailboxes, and both."""
    mails, found = figures["bulk"]["mails"], {}
    for name, door, clients in (("durable_in_flight", False, CLIENTS), ("door", True, 1), ("door_in_flight", True, CLIENTS)):
        # Committing together is quick: more mails, for as long a time. A door has a data directory of its own.
        limit = arguments.durable if clients == 1 else 20 * arguments.durable
        step = ["--step", max(1, mails // limit)] if arguments.users else []
        found[name] = run("maildex", "durable", arguments, "--docs", arguments.docs, "--dir", directory / name if door else directory,
                          "--limit", limit, "--start", min(mails, DOOR_MAILS) if door else mails, "--clients", clients,
                          *step, *["--door"] * door)
    return found


# Comparing answers


def differences(expected, totals, queries):
    """One line for each query that an engine answers differently; unanswered ones (null) do not count."""
    if len(expected) != len(totals):
        return [f"{len(totals)} answers for {len(expected)} queries"]
    found = []
    for query, right, answer in zip(queries, expected, totals):
        if answer[1] is None:
            continue
        what = [name for name, a, b in zip(("kind", "number", "newest", "facet"), right, answer) if a != b]
        if what:
            found.append(f"{query['kind']} {query['maildex']}: {', '.join(what)} differ; "
                         f"naive {right[1:]}, engine {answer[1:]}")
    return found


def check(engine, expected, totals, queries):
    """Prints the differences; whether they are fatal."""
    found = differences(expected, totals, queries)
    answered = sum(answer[1] is not None for answer in totals)
    note(f"{engine}: {answered} of {len(queries)} queries answered, {len(found)} differently from the naive scan")
    for line in found[:SHOWN]:
        note(f"  {line}")
    return bool(found) and engine not in WHOLE_TOOLS


def medians(values):
    """The median of equally shaped objects, number by number; other leaves from the first."""
    first = values[0]
    if isinstance(first, dict):
        return {key: medians([value[key] for value in values if key in value]) for key in first}
    if isinstance(first, (int, float)) and not isinstance(first, bool):
        return round(statistics.median(values), 4)
    return first


# Tables


def table(head, rows):
    return "\n".join(["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
                     + ["| " + " | ".join(map(str, row)) + " |" for row in rows]) + "\n"


def number(value):
    """Three figures where that is enough: 0.123, 1.23, 12.3, 123, 12,345."""
    if value is None or value == "":
        return "–"
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2 if abs(value) >= 1 else 3
    return f"{value:,.{digits}f}"


def times(figures):
    return " / ".join(number(figures[name]) for name in ("p50", "p95", "p99")) if figures else "–"


def bulk_table(results):
    rows = []
    for engine, result in results.items():
        b = result["bulk"]
        rows.append([engine, *map(number, (
            b["mails_s"], b["mb_s"], 1e6 * b["cpu_s"] / b["mails"], b["optimize_s"], b["bytes_mail"], b["bytes_mail_optimized"],
            b["size_optimized"] / b["text_mb"] / 1e6, b["written_mail"], b["rss_mb"]))])
    return table(["engine", "mails/s", "MB/s", "processor µs/mail", "optimize s", "bytes/mail", "optimized", "of the text",
                  "bytes written/mail", "memory MB"], rows)


def durable_table(results):
    rows = []
    for engine, result in results.items():
        if d := result.get("durable"):
            rows.append([engine, number(d["mails_s"]), times(d["commit_ms"]), times(d["see_ms"]), number(d["written_mail"]),
                         number(d["bytes_mail"]), d["not_visible"]])
    return table(["engine", "mails/s", "commit ms p50 / p95 / p99", "found ms p50 / p95 / p99", "bytes written/mail", "bytes kept/mail",
                  "not visible"], rows)


def in_flight_table(result):
    """What Maildex commits when mails do not wait for each other, and all the way to the mailboxes."""
    names = {"durable": "index, one after another", "durable_in_flight": f"index, {CLIENTS} in flight",
             "door": "door, one after another", "door_in_flight": f"door, {CLIENTS} in flight"}
    rows = []
    for name, what in names.items():
        d = result[name]
        rows.append([what, number(d["mails"]), number(d["mails_s"]), times(d["commit_ms"]), times(d["see_ms"]),
                     number(d["written_mail"]), number(d["bytes_mail"]), d["not_visible"]])
    return table(["Maildex commits to", "mails", "mails/s", "commit ms p50 / p95 / p99", "found ms p50 / p95 / p99",
                  "bytes written/mail", "bytes kept/mail", "not visible"], rows)


def kinds_of(results):
    """The kinds of query that any engine answers, in order."""
    found = dict.fromkeys(key for result in results.values() for key in result["query"])
    return [kind for kind in found if kind not in ("empty", "rss_mb")]


def query_table(results, is_count):
    """A row for each kind, a column for each engine, µs; the lowest p50 is bold."""
    kinds = kinds_of(results)
    rows = [] if is_count else [["*empty call*"] + [times(result["query"].get("empty")) for result in results.values()]]
    for kind in kinds:
        cells = [result["query"].get(kind) or {} for result in results.values()]
        cells = [cell.get("exact_count") if is_count else cell for cell in cells]
        best = min((cell["p50"] for cell in cells if cell), default=0)
        rows.append([kind] + [f"**{times(cell)}**" if cell and cell["p50"] == best else times(cell) for cell in cells])
    return table(["kind", *results], rows)


def cold_table(results):
    rows = [[engine, *(times(result["cold"].get(name)) for name in ("open_and_first_ms", "of_which_open_ms", "of_which_load_ms"))]
            for engine, result in results.items() if result.get("cold")]
    return table(["engine", "open and first query ms p50 / p95 / p99", "of which open", "of which the mailbox's attributes"], rows)


def memory_table(figures):
    """What Maildex's index takes in memory with a server's limits; a mailbox is the first query's."""
    rows = [["index opened, heap", f"{number(figures['open_heap_mb'])} MiB"],
            [f"mailbox of {figures['mails']:,.0f} mails read, heap", f"{number(figures['user_heap_mb'])} MiB"],
            ["the same, as the index counts it", f"{number(figures['user_said_mb'])} MiB"],
            [f"after all queries ({figures['loaded_users']:,.0f} mailboxes), as the index counts it",
             f"{number(figures['searched_said_mb'])} MiB"],
            ["of that time, cache of what searches read", f"{number(figures['searched_cache_mb'])} MiB"],
            ["of that time, all of the heap", f"{number(figures['searched_heap_mb'])} MiB"],
            ["of that time, resident", f"{number(figures['searched_rss_mb'])} MiB"],
            ["the most that was resident", f"{number(figures['peak_rss_mb'])} MiB"],
            [f"a user who is not in memory, of {figures['users']:,.0f}", f"{number(figures['idle_user_bytes'])} bytes"]]
    return table(["memory of Maildex's index", "figure"], rows)


def flags_table(figures):
    """What Maildex's index writes when only flags change."""
    rows = [[f"a flag flip in a mailbox of {figures['mails']:,.0f} mails, of {figures['flips']:,.0f}",
             f"{number(figures['written_flip'])} bytes"],
            ["its time, the writing included", f"{number(figures['flip_us'])} µs"],
            [f"all {figures['marked']:,.0f} unread mails marked as read at once", f"{number(figures['written_mark_all'])} bytes"],
            ["of that for one mail", f"{number(figures['written_marked_mail'])} bytes"]]
    return table(["written by Maildex's index for flags", "figure"], rows)


def machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    return (f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, Linux {'.'.join(platform.release().split('.')[:2])}, "
            f"load {os.getloadavg()[0]:.1f} at the start")


def tables(results, about):
    first = next(iter(results.values()))["bulk"]
    return "\n".join([
        f"{about['when']}, {about['machine']}. {first['mails']:,.0f} mails, {first['text_mb']} MB of text, "
        f"{about['queries']} queries; medians of {about['repeats']} rounds. "
        f"All answers of {', '.join(about['equal'])} are equal to a naive scan's.\n",
        "### Bulk\n", bulk_table(results),
        "### One durable mail after another, each found before the next\n", durable_table(results),
        "### Newest twenty, warm, µs p50 / p95 / p99\n", query_table(results, False),
        "### Exact number of hits, warm, µs p50 / p95 / p99\n", query_table(results, True),
        "### Cold\n", cold_table(results), *own_tables(results.get("maildex", {}))])


def own_tables(result):
    """What is measured of Maildex alone."""
    parts = []
    if "door" in result:
        parts += ["### Mails in flight, and through the door\n",
                  "The door takes the mail apart, stores and syncs its original, and writes journal, rows and index: its bytes are those "
                  f"of all that, on a mailbox of at most {DOOR_MAILS:,} mails.\n", in_flight_table(result)]
    if "memory" in result:
        parts += ["### Memory\n", memory_table(result["memory"])]
    if "flags" in result:
        parts += ["### Flags\n", flags_table(result["flags"])]
    return parts


# Plots


def plots(results, out):
    """Bars as SVG: queries by kind, durable mails, bulk, size. Without matplotlib none, with a note."""
    try:
        import matplotlib
    except ImportError:
        note("matplotlib is not there, so no plots are drawn")
        return
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "maildex"
    kinds = [kind for kind in kinds_of(results) if kind != "count"]
    inside = {engine: result for engine, result in results.items() if engine not in WHOLE_TOOLS}
    grouped_bars(out / "query.svg", "Newest twenty, warm (p50)", "µs", kinds,
                 {engine: [(result["query"].get(kind) or {}).get("p50") for kind in kinds]
                  for engine, result in inside.items()})
    grouped_bars(out / "count.svg", "Exact number of hits, warm (p50)", "µs", kinds,
                 {engine: [((result["query"].get(kind) or {}).get("exact_count") or {}).get("p50") for kind in kinds]
                  for engine, result in inside.items()})
    bars(out / "bulk.svg", "Bulk", "mails/s", {engine: result["bulk"]["mails_s"] for engine, result in results.items()})
    bars(out / "size.svg", "Index, optimized", "bytes/mail",
         {engine: result["bulk"]["bytes_mail_optimized"] for engine, result in results.items()})
    durable = {engine: result["durable"] for engine, result in results.items() if result.get("durable")}
    if durable:
        bars(out / "durable.svg", "Durable and found, one mail after another", "mails/s",
             {engine: figures["mails_s"] for engine, figures in durable.items()})
        bars(out / "written.svg", "Written for one durable mail", "bytes",
             {engine: figures["written_mail"] for engine, figures in durable.items()})


def grouped_bars(path, title, unit, groups, series):
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(0.8 * len(groups) + 2, 4.5))
    width = 0.8 / len(series)
    for place, (name, values) in enumerate(series.items()):
        at = [group + width * (place - len(series) / 2 + 0.5) for group in range(len(groups))]
        axes.bar(at, [value or 0 for value in values], width, label=name)
    axes.set_yscale("log")
    axes.set_ylim(bottom=power_below(value for values in series.values() for value in values))
    axes.set_xlim(-0.6, len(groups) - 0.4)
    axes.set_xticks(range(len(groups)), groups, rotation=30)
    axes.set(title=title, ylabel=unit)
    axes.legend(ncols=len(series), fontsize="small")
    save(figure, path)


def bars(path, title, unit, values):
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(7, 0.45 * len(values) + 1.2))
    drawn = axes.barh(list(values), list(values.values()), log=True)
    axes.bar_label(drawn, [number(value) for value in values.values()], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.2)
    axes.set_xlim(left=power_below(values.values()))
    axes.set(title=title, xlabel=unit)
    save(figure, path)


def power_below(values):
    """Where bars on a logarithmic axis begin: the power of ten below half of the smallest."""
    return 10 ** math.floor(math.log10(min(value for value in values if value) / 2))


def save(figure, path):
    from matplotlib import pyplot
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


# The command line


def make_inputs(arguments, work):
    """The documents and queries that were not given, into `work`."""
    rigs = Path(__file__).resolve().parent
    users = ["--users"] if arguments.users else []
    if arguments.docs is None:
        arguments.docs = work / "documents.jsonl"
        spread = ["--users", "10000", "--lognormal"] if arguments.users else []
        chosen = ["--archive", arguments.archive, "--count", "0"] if arguments.archive else ["--count", str(arguments.count), *spread]
        subprocess.run([sys.executable, rigs / "documents.py", "--out", arguments.docs, "--seed", str(arguments.seed), *chosen],
                       check=True, stdout=sys.stderr)
    if arguments.queries is None:
        arguments.queries = work / "queries.json"
        subprocess.run([sys.executable, rigs / "queries.py", "--docs", arguments.docs, "--out", arguments.queries,
                        "--seed", str(arguments.seed), "--each", str(arguments.each), *users], check=True, stdout=sys.stderr)


def rounds(arguments, work):
    """Engine → its figures in each round. Exits when an answer is wrong."""
    queries = json.loads(arguments.queries.read_text())["queries"]
    naive = work / "naive.totals"
    limit = ["--limit", arguments.limit] if arguments.limit else []
    run("naive", "query", arguments, "--docs", arguments.docs, "--queries", arguments.queries, "--totals", naive, *limit)
    expected = json.loads(naive.read_text())
    results, is_wrong = {engine: [] for engine in arguments.engines}, False
    for repeat in range(arguments.repeats):
        for engine in arguments.engines:
            note(f"round {repeat + 1} of {arguments.repeats}: {engine}")
            figures, totals = measure(engine, arguments, work)
            is_wrong |= check(engine, expected, totals, queries)
            results[engine].append(figures)
        if is_wrong:
            sys.exit("FAILED: the engines' answers differ; see above")
    return results, len(queries)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path)
    parser.add_argument("--queries", type=Path)
    parser.add_argument("--count", type=int, default=100_000, help="documents to make when none are given")
    parser.add_argument("--archive", choices=ARCHIVES, help="all real mails of this archive, as they are")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=40, help="queries of each kind to make when none are given")
    parser.add_argument("--limit", type=int, default=0, help="only the first documents")
    parser.add_argument("--maildex", type=Path, help="the executable maildex-bench; without it only the peers")
    parser.add_argument("--engines", default=",".join(SCRIPTS), help="the peers, in order")
    parser.add_argument("--python", default=str(PEER_PYTHON) if PEER_PYTHON.exists() else sys.executable, help="runs the peers")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--passes", type=int, default=15)
    parser.add_argument("--budget", type=float, default=4, help="seconds for each kind of query")
    parser.add_argument("--durable", type=int, default=500, help="mails committed one by one; 0 for none")
    parser.add_argument("--cold", type=int, default=9, help="cold starts; 0 for none")
    parser.add_argument("--users", action="store_true", help="each user's mail apart, each query in one user's")
    parser.add_argument("--step", type=int, default=47, help="with --users: every how many-th mail is committed")
    parser.add_argument("--work", type=Path, help="where the indexes are built; by default a temporary directory")
    parser.add_argument("--out", type=Path, help="results.json, tables.md and plots")
    arguments = parser.parse_args()
    arguments.engines = ["maildex"] * bool(arguments.maildex) + [name for name in arguments.engines.split(",") if name]
    if arguments.users:
        arguments.engines = [engine for engine in arguments.engines if engine not in WHOLE_TOOLS]  # one user's mail each
    if unknown := set(arguments.engines) - set(SCRIPTS) - {"maildex"}:
        parser.error(f"no such engine: {', '.join(sorted(unknown))}; there are {', '.join(SCRIPTS)}")
    return arguments


def main():
    arguments = parse_arguments()
    about = {"when": datetime.date.today().isoformat(), "machine": machine(), "repeats": arguments.repeats}
    if arguments.work:
        arguments.work.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="maildex-compare-", dir=arguments.work) as work:
        os.chmod(work, 0o755)  # PostgreSQL does not run as root and must reach its cluster
        try:
            make_inputs(arguments, Path(work))
            all_rounds, about["queries"] = rounds(arguments, Path(work))
        except (Failure, subprocess.CalledProcessError) as failure:
            sys.exit(f"FAILED: {failure}")
    about["equal"] = [engine for engine in arguments.engines if engine not in WHOLE_TOOLS]
    results = {engine: medians(figures) for engine, figures in all_rounds.items()}
    text = tables(results, about)
    print(text, flush=True)
    if arguments.out:
        arguments.out.mkdir(parents=True, exist_ok=True)
        everything = {"about": about, "medians": results, "rounds": all_rounds}
        (arguments.out / "results.json").write_text(json.dumps(everything, indent=1) + "\n")
        (arguments.out / "tables.md").write_text(text)
        plots(results, arguments.out)


if __name__ == "__main__":
    main()
