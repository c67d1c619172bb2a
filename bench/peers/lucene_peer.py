#!/usr/bin/env python3
"""Lucene 8 (Debian's liblucene8-java) on Java 17: this driver compiles and runs Lucene.java and reads its lines.

Fields: `a` holds subject, body, sender and recipients with a gap of 100 positions, `s` and `f` subject and sender once
more, with positions and without norms; rank and date are numeric doc values, unread and user are terms. Segments are
sorted by date, newest first, and the search leaves each after twenty hits. One indexing thread, one merge thread;
`optimize` merges into one segment. A durable commit is `IndexWriter.commit`, after which a near-real-time reader is
reopened. The query cache is off: it would answer repeated queries from memory.

Queries are Query objects made once; each kind runs for a second before any is timed, and again for 0.3 s.
`empty` is a query that matches nothing. Memory is the Java process's, with its heap as large as it cares to grow (-Xmx
by the documents' size); `rss_mb` of bulk is beyond what was resident when the documents had been read.
"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import peer
from measure import distribution

SOURCE = Path(__file__).resolve().parent / "Lucene.java"
JARS = ("lucene-core", "lucene-analyzers-common", "lucene-sandbox")
UNANSWERED = ("facet",)


def class_path():
    folder = Path("/usr/share/java")
    found = [next(iter(sorted(folder.glob(f"{jar}-8*.jar"))), None) for jar in JARS]
    if None in found:
        sys.exit("Lucene 8 is not there; install liblucene8-java and openjdk-17-jdk-headless")
    return ":".join(map(str, found))


class Lucene:
    """A Java process for one verb; its lines as lists of words."""

    def __init__(self, work, heap_mb, *arguments):
        subprocess.run(["javac", "-nowarn", "-cp", class_path(), "-d", work, SOURCE], check=True)
        self.process = subprocess.Popen(
            ["java", f"-Xmx{heap_mb}m", "-cp", f"{class_path()}:{work}", "Lucene", *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="ascii")

    def send(self, documents, has_users):
        for document in documents:
            row = (document.rank, document.user if has_users else "", document.date, int(document.is_unread), document.subject,
                   document.body.replace("\n", " "), document.sender, document.recipients)
            self.process.stdin.write("\t".join(map(str, row)) + "\n")
        self.process.stdin.close()

    def lines(self):
        for line in self.process.stdout:
            yield line.split()
        if self.process.wait():
            sys.exit(f"Lucene ends with {self.process.returncode}")


def bulk(arguments, work):
    arguments.dir.mkdir(parents=True, exist_ok=True)
    for path in arguments.dir.iterdir():
        path.unlink()
    documents = peer.bulk_documents(arguments.docs, arguments.limit)
    text = sum(document.bytes for document in documents)
    java = Lucene(work, 2_500 + text * 3 // 1_000_000, "bulk", arguments.dir)
    java.send(documents, arguments.users)
    said = {key: float(value) for key, value in java.lines()}
    return peer.bulk_figures(len(documents), text, said["seconds"], said["cpu"], int(said["size"]), said["optimize"],
                             int(said["optimized"]), said["written"], said["all_written"], said["rss"])


def durable(arguments, work):
    arguments.dir.mkdir(parents=True, exist_ok=True)
    documents = peer.durable_documents(arguments.docs, arguments.limit, arguments.start, arguments.step)
    java = Lucene(work, 2_500, "durable", arguments.dir)
    java.send(documents, arguments.users)
    lines = list(java.lines())
    mails = [tuple(map(int, line[1:])) for line in lines if line[0] == "mail"]
    said = {line[0]: float(line[1]) for line in lines if line[0] != "mail"}
    return peer.durable_figures(
        [commit / 1e6 for commit, _, _ in mails], [see / 1e6 for _, see, _ in mails], sum(found != 1 for _, _, found in mails),
        said["written"], sum(document.bytes for document in documents), said["grown"], said["rss"])


def query_line(place, query):
    """As Lucene.parse reads it."""
    parts = [("place", place), ("kind", query.kind), ("offset", query.offset)]
    for key, clauses in (("must", query.must), ("should", query.should), ("not", query.must_not)):
        parts += [(key, f"{field}:{word}") for field, word in clauses]
    parts += [(key, value) for key, value in (
        ("phrase", query.phrase and " ".join(query.phrase)), ("prefix", query.prefix), ("substring", query.substring),
        ("fuzzy", query.fuzzy), ("lo", query.lo), ("hi", query.hi), ("unread", query.unread or None), ("user", query.user))
        if value is not None]
    return "\t".join(f"{key}={value}" for key, value in parts)


def write_queries(arguments, work, kinds=None):
    """Writes the file that Java reads; all queries of the original, whether Java gets them or not."""
    queries = peer.read_queries(arguments.queries, arguments.users)
    path = Path(work) / "queries"
    path.write_text("".join(query_line(place, query) + "\n" for place, query in enumerate(queries)
                            if query.kind not in UNANSWERED and query.kind in (kinds or [query.kind])))
    return path, queries


def query(arguments, work):
    path, queries = write_queries(arguments, work)
    answers, medians, passes, empty, rss = {}, {"count": {}, "newest": {}}, {}, [], 0
    for line in Lucene(work, 2_500, "query", arguments.dir, path, arguments.passes, arguments.budget).lines():
        if line[0] == "answer":
            ranks = [int(rank) for rank in line[3].split(",")] if len(line) > 3 else []
            answers[int(line[1])] = [int(line[2]), ranks]
        elif line[0] == "empty":
            empty.append(int(line[1]) / 1_000)
        elif line[0] == "rss":
            rss = round(float(line[1]))
        else:
            place = int(line[1])
            medians[line[0]][place] = int(line[2]) / 1_000
            passes[line[0], queries[place].kind] = int(line[3])
    if arguments.totals:
        arguments.totals.write_text(json.dumps([[query.kind, *answers.get(place, [None, None])]
                                                for place, query in enumerate(queries)]) + "\n")
    figures = {"empty": distribution(empty)}
    for kind in dict.fromkeys(query.kind for query in queries):
        figures |= kind_figures(kind, queries, medians, passes)
    return figures | {"rss_mb": rss}


def kind_figures(kind, queries, medians, passes):
    places = [place for place, query in enumerate(queries) if query.kind == kind and place in medians["newest"]]
    if not places:
        return {}
    figures = {name: distribution([medians[name][place] for place in places]) | {"passes": passes[name, kind]}
               for name in medians}
    return {kind: figures["count" if kind == "count" else "newest"] | {"exact_count": figures["count"]}}


def cold(arguments, work):
    path, _ = write_queries(arguments, work, kinds=["mid"])
    java = Lucene(work, 2_500, "cold", arguments.dir, path, arguments.n)
    samples = []
    for line in java.lines():
        if line[0] == "EVICT":
            peer.wait_for_eviction()
            java.process.stdin.write("\n")
            java.process.stdin.flush()
        else:
            samples.append((int(line[1]) / 1e6, int(line[2]) / 1e6))
    opens, firsts = zip(*samples[1:])
    return {"open_and_first_ms": distribution(firsts, 3), "of_which_open_ms": distribution(opens, 3)}


def main():
    arguments = peer.parse_arguments(__doc__)
    with tempfile.TemporaryDirectory(prefix="maildex-lucene-") as work:
        figures = {"bulk": bulk, "durable": durable, "query": query, "cold": cold}[arguments.verb](arguments, work)
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
