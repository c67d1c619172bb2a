"""What every peer driver is: an engine behind four verbs, measured alike.

    bench/peers/<engine>.py bulk    --docs FILE.jsonl --dir D [--limit N] [--users]
    bench/peers/<engine>.py durable --docs FILE.jsonl --dir D --limit N --start K [--step S] [--users]
    bench/peers/<engine>.py query   --queries FILE.json --dir D [--passes N] [--budget SECONDS] [--totals FILE] [--users]
    bench/peers/<engine>.py cold    --queries FILE.json --dir D [-n N] [--users]

The last line of standard output is one JSON object; the same keys for every engine:

- bulk: `{mails, text_mb, seconds, cpu_s, mails_s, mb_s, size, bytes_mail, size_ratio, optimize_s, size_optimized,
  bytes_mail_optimized, written_mail, written_mail_optimized, rss_mb}`. The documents are read and decoded before the
  clock starts; it stops at the end of the final commit. `optimize_s` is what the engine then takes to settle its merges
  and to bring the index into its best state, in which the other verbs find it. Bytes written are counted to the end of
  the commit, and once more to the end of all. `rss_mb` is the most memory that was resident beyond the documents held.
- durable: `{mails, seconds, mails_s, commit_ms, see_ms, not_visible, written_mail, text_mail, bytes_mail, rss_mb}`. The
  i-th mail ends in the word `zqprobe<i>`, is committed alone, durably, and must be found by that word through another
  reader, opened anew, before the next. Decoding and making the text are outside the clocks; `seconds` is the sum of
  both, commit and look. Bytes are counted when merges
  and checkpoints that the commits caused have ended.
- query: `{empty, <kind>: {n, p50, p99, mean, max, passes, exact_count}, …, rss_mb}` in µs. Each query is prepared once as
  far as the engine's interface can do that; then the clock is around one call that finds the newest twenty, and the
  figure of a query is the median of its passes. `passes` is what the kind's share of `budget` allowed. `empty` is the
  cheapest call that goes the same way and finds nothing: the part of each figure that is the way and not the search.
  `exact_count` is the same for the exact number of hits; of the kind `count` only that is asked.
  The file of `--totals` is `[[kind, number, [ranks of the newest twenty]], …]` in the order of the queries, with null
  for number and ranks where the engine cannot answer, and a fourth element `[[value, number], …]` for a facet.
- cold: prints `EVICT` and waits for a line, n times (and once before, unrecorded, for the language's own start); the
  caller drops the files from the page cache meanwhile. `{open_and_first_ms, of_which_open_ms}`.
"""
import argparse
import gc
import itertools
import json
import os
import shutil
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "rigs"))
from documents import plain, read, text_bytes  # noqa: E402
from measure import Meter, directory_bytes, distribution, median_rounds, status  # noqa: E402

NEWEST = 20  # hits that a query asks for


@dataclass(slots=True)
class Document:
    """One mail. `rank` is its place by date from 1, `date` Unix seconds; people are letters and digits (`plain`);
    `bytes` of the original subject, body and people."""
    rank: int
    user: str
    date: int
    sender: str
    recipients: str
    subject: str
    body: str
    is_unread: bool
    bytes: int


@dataclass(slots=True)
class Query:
    """One query of the file; see bench/rigs/queries.py. Clauses are (field, word)."""
    kind: str
    must: list = field(default_factory=list)
    should: list = field(default_factory=list)
    must_not: list = field(default_factory=list)
    phrase: list = None
    prefix: str = None
    substring: str = None
    fuzzy: str = None
    lo: int = None
    hi: int = None
    unread: bool = False
    user: str = None
    offset: int = 0
    facet: str = None
    engines: list = None
    maildex: str = ""

    def single_clause(self):
        """The (field, word) when the query asks for that and nothing else, so that its number may be known without a search."""
        more = (self.should, self.must_not, self.phrase, self.prefix, self.substring, self.fuzzy, self.unread, self.user)
        return self.must[0] if len(self.must) == 1 and self.lo is None and not any(more) else None


@dataclass(slots=True)
class Prepared:
    """A query ready to run: `newest()` and `count()` are what is timed, `ranks(answer)` reads the ranks out of what
    `newest` gave and is not, `facet()` gives [[value, number], …] sorted and takes the place of `newest` for the clock."""
    newest: callable
    count: callable
    ranks: callable
    facet: callable = None


class Engine:
    """A search engine on one directory. Subclasses say how; a method that is never needed may stay out."""
    name = ""

    def __init__(self, directory, has_users=False):
        self.directory, self.has_users = Path(directory), has_users

    def create(self):
        """An empty index, ready for `add` or `commit`."""
        raise NotImplementedError

    def open_writer(self):
        """The index that is there, ready for `commit` and `find`."""
        raise NotImplementedError

    def lay_out(self, documents):
        """What must be there before a bulk import and is not measured."""

    def add(self, documents):
        """Indexes all documents with one thread and commits them durably."""
        raise NotImplementedError

    def optimize(self):
        """Lets merges settle and brings the index into its best state."""

    def settle(self):
        """Lets what runs behind the commits of single mails come to its end."""

    def commit(self, document):
        """One document, durable when this returns."""
        raise NotImplementedError

    def find(self, word):
        """How many documents another reader, opened or refreshed now, finds for a word."""
        raise NotImplementedError

    def open_reader(self):
        """The index that is there, ready for `prepare`."""
        raise NotImplementedError

    def prepare(self, query):
        """The query as `Prepared`, or `None` when the engine cannot answer it."""
        raise NotImplementedError

    def prepare_empty(self):
        """The cheapest call that goes the same way and finds nothing."""
        raise NotImplementedError

    def close(self):
        """Gives everything back, so that files can leave the page cache."""

    def before_eviction(self):
        """What a server does before its files leave the page cache."""

    def pids(self):
        """The processes whose memory, processor time and writes are the engine's."""
        return [os.getpid()]

    def rss_mb(self):
        """The most memory that was resident, MB of 10^6 bytes."""
        return sum(status(pid, "VmHWM") for pid in self.pids()) * 1024 / 1e6

    def size(self):
        return directory_bytes(self.directory)


# Reading


def user_word(user):
    """A user as one word that no text has."""
    return "uq" + "".join(c for c in user.lower() if c.isalnum())


def document_of(line, rank, suffix=""):
    return Document(rank, line["u"], line["d"], plain(line["f"]), plain(line["t"]), line["s"], line["b"] + suffix,
                    bool(line["r"]), text_bytes(line) + len(suffix))


def bulk_documents(path, limit):
    return [document_of(line, rank) for rank, line in enumerate(itertools.islice(read(path), limit or None), 1)]


def durable_documents(path, limit, start, step):
    """`limit` documents, every `step`-th from the first on, each with its probe word; ranks follow those already there."""
    chosen = itertools.islice(read(path), 0, limit * step, step)
    return [document_of(line, start + number + 1, f"\nzqprobe{number}") for number, line in enumerate(chosen)]


def read_queries(path, has_users):
    """The queries of the file; with users, each asks for its user's mail only."""
    queries = []
    for entry in json.loads(Path(path).read_text())["queries"]:
        query = Query(**entry)
        query.must, query.should, query.must_not = ([tuple(clause) for clause in clauses]
                                                    for clauses in (query.must, query.should, query.must_not))
        query.user = query.user if has_users else None
        queries.append(query)
    return queries


# Verbs


def bulk_figures(count, text, seconds, cpu, size, optimize, optimized, written, written_optimized, rss):
    """The object of `bulk`: counts, seconds, bytes, and megabytes of 10^6 bytes."""
    return {"mails": count, "text_mb": round(text / 1e6, 2), "seconds": round(seconds, 3), "cpu_s": round(cpu, 2),
            "mails_s": round(count / seconds), "mb_s": round(text / 1e6 / seconds, 2), "size": size,
            "bytes_mail": round(size / count), "size_ratio": round(size / text, 3), "optimize_s": round(optimize, 3),
            "size_optimized": optimized, "bytes_mail_optimized": round(optimized / count),
            "written_mail": round(written / count), "written_mail_optimized": round(written_optimized / count),
            "rss_mb": round(rss)}


def durable_figures(commits, sees, not_visible, written, text, grown, rss):
    """The object of `durable`; `commits` and `sees` in milliseconds, the rest bytes over all mails, `rss` in MB."""
    count, seconds = len(commits), (sum(commits) + sum(sees)) / 1_000
    return {"mails": count, "seconds": round(seconds, 3), "mails_s": round(count / seconds, 1),
            "commit_ms": distribution(commits, 3), "see_ms": distribution(sees, 3), "not_visible": not_visible,
            "written_mail": round(written / count), "text_mail": round(text / count), "bytes_mail": round(grown / count),
            "rss_mb": round(rss)}


def bulk(engine, arguments):
    documents = bulk_documents(arguments.docs, arguments.limit)
    shutil.rmtree(engine.directory, ignore_errors=True)
    engine.directory.mkdir(parents=True)
    gc.freeze()
    gc.disable()
    held = status(os.getpid(), "VmRSS") * 1024 / 1e6
    engine.create()
    engine.lay_out(documents)
    meter = Meter(engine.pids)
    engine.add(documents)
    seconds, cpu, written, size = meter.seconds(), meter.cpu_seconds(), meter.written_bytes(), engine.size()
    began = time.perf_counter()
    engine.optimize()
    optimize = time.perf_counter() - began
    rss = engine.rss_mb() - (held if os.getpid() in engine.pids() else 0)
    all_written = meter.written_bytes()
    optimized = engine.size()
    engine.close()
    return bulk_figures(len(documents), sum(document.bytes for document in documents), seconds, cpu, size, optimize, optimized,
                        written, all_written, rss)


def durable(engine, arguments):
    documents = durable_documents(arguments.docs, arguments.limit, arguments.start, arguments.step)
    if arguments.start:
        engine.open_writer()
    else:
        engine.directory.mkdir(parents=True, exist_ok=True)
        engine.create()
    before, meter = engine.size(), Meter(engine.pids)
    commits, sees, not_visible = [], [], 0
    for number, document in enumerate(documents):
        began = time.perf_counter()
        engine.commit(document)
        committed = time.perf_counter()
        found = engine.find(f"zqprobe{number}")
        ended = time.perf_counter()
        commits.append((committed - began) * 1_000)
        sees.append((ended - committed) * 1_000)
        not_visible += found != 1
    engine.settle()
    written, rss = meter.written_bytes(), engine.rss_mb()
    grown = engine.size() - before
    engine.close()
    return durable_figures(commits, sees, not_visible, written, sum(document.bytes for document in documents), grown, rss)


def query(engine, arguments):
    queries = read_queries(arguments.queries, arguments.users)
    engine.open_reader()
    prepared = [engine.prepare(query) if not query.engines or engine.name in query.engines else None for query in queries]
    totals = [answer_of(query, one) for query, one in zip(queries, prepared)]
    if arguments.totals:
        Path(arguments.totals).write_text(json.dumps(totals) + "\n")
    gc.freeze()
    gc.disable()
    empty = engine.prepare_empty()
    figures = {"empty": distribution(median_rounds([empty] * 50, arguments.passes, arguments.budget)[0])}
    for kind in dict.fromkeys(query.kind for query in queries):
        figures |= kind_figures(kind, [one for query, one in zip(queries, prepared) if one and query.kind == kind], arguments)
    figures["rss_mb"] = round(engine.rss_mb())
    engine.close()
    return figures


def answer_of(query, prepared):
    """A line of the totals file."""
    if prepared is None:
        return [query.kind, None, None]
    answer = [query.kind, prepared.count(), prepared.ranks(prepared.newest())]
    return answer + [prepared.facet()] if prepared.facet else answer


def kind_figures(kind, prepared, arguments):
    """The figures of one kind after a round that is not counted; {} when the engine cannot answer it."""
    if not prepared:
        return {}
    counts = [one.count for one in prepared]
    median_rounds(counts, 1, 0)
    count_medians, count_passes = median_rounds(counts, arguments.passes, arguments.budget / 2)
    exact_count = distribution(count_medians) | {"passes": count_passes}
    if kind == "count":
        return {kind: exact_count | {"exact_count": exact_count}}
    calls = [one.facet or one.newest for one in prepared]
    median_rounds(calls, 1, 0)
    medians, passes = median_rounds(calls, arguments.passes, arguments.budget / 2)
    return {kind: distribution(medians) | {"passes": passes, "exact_count": exact_count}}


def cold(engine, arguments):
    queries = [query for query in read_queries(arguments.queries, arguments.users) if query.kind == "mid"]
    opens, firsts = [], []
    for number in range(arguments.n + 1):
        engine.before_eviction()
        wait_for_eviction()
        began = time.perf_counter()
        engine.open_reader()
        opened = time.perf_counter()
        prepared = engine.prepare(queries[number % len(queries)])
        prepared.ranks(prepared.newest())
        ended = time.perf_counter()
        prepared = None
        engine.close()
        gc.collect()
        if number:
            opens.append((opened - began) * 1_000)
            firsts.append((ended - began) * 1_000)
    return {"open_and_first_ms": distribution(firsts, 3), "of_which_open_ms": distribution(opens, 3)}


def wait_for_eviction():
    print("EVICT", flush=True)
    if not sys.stdin.readline():
        sys.exit("standard input ended before the files were dropped from the page cache")


# The command line


def parse_arguments(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--dir", type=Path, required=True)
    common.add_argument("--users", action="store_true", help="keep each user's mail apart")
    for verb in ("bulk", "durable"):
        sub = verbs.add_parser(verb, parents=[common])
        sub.add_argument("--docs", type=Path, required=True)
        sub.add_argument("--limit", type=int, default=0 if verb == "bulk" else 1_000)
    sub.add_argument("--start", type=int, default=0, help="mails already there; with 0 the index is made")
    sub.add_argument("--step", type=int, default=1)
    for verb in ("query", "cold"):
        sub = verbs.add_parser(verb, parents=[common])
        sub.add_argument("--queries", type=Path, required=True)
        if verb == "query":
            sub.add_argument("--passes", type=int, default=15)
            sub.add_argument("--budget", type=float, default=4, help="seconds for each kind")
            sub.add_argument("--totals", type=Path)
        else:
            sub.add_argument("-n", type=int, default=9)
    return parser.parse_args()


def main(engine_class, description):
    """Runs the verb of the command line and prints its JSON line."""
    arguments = parse_arguments(description)
    engine = engine_class(arguments.dir, arguments.users)
    try:
        figures = {"bulk": bulk, "durable": durable, "query": query, "cold": cold}[arguments.verb](engine, arguments)
    finally:
        engine.close()
    print(json.dumps(figures), flush=True)
