#!/usr/bin/env python3
"""No engine: a scan in Python that answers the query file slowly and obviously, so that all others can be checked.

    bench/peers/naive.py query --queries FILE.json --docs FILE.jsonl --totals FILE [--limit N] [--users]

One pass over the documents notes for each word, phrase, prefix, part and misspelling that some query asks for the ranks
that have it; the answers are then set algebra. Prints `{documents, queries}`.
"""
import argparse
import collections
import datetime
import itertools
import json
from pathlib import Path

import peer
from documents import plain, read, words


class Scan:
    """The ranks of everything that the queries ask for."""

    def __init__(self, queries):
        self.having = collections.defaultdict(set)  # ("any", word), ("phrase", a, b), ("prefix", …) … → ranks
        self.by_user = collections.defaultdict(set)
        self.unread, self.dates = set(), {}
        self.words = {clause for query in queries for clause in query.must + query.should + query.must_not}
        self.phrases = {tuple(query.phrase) for query in queries if query.phrase}
        self.shapes = [(kind, text) for kind in ("prefix", "substring", "fuzzy")
                       for text in sorted({getattr(query, kind) for query in queries} - {None})]
        self.fitting = {}  # word → the shapes that it has

    def add(self, rank, document):
        fields = [words(document["s"]), words(document["b"]), words(plain(document["f"])), words(plain(document["t"]))]
        every = set().union(*fields)
        for name, present in (("any", every), ("from", set(fields[2])), ("subject", set(fields[0]))):
            for word in present:
                if (name, word) in self.words:
                    self.having[name, word].add(rank)
        for text in fields:
            for pair in set(zip(text, text[1:])) & self.phrases:
                self.having["phrase", *pair].add(rank)
        for word in every:
            for shape in self.shapes_of(word):
                self.having[shape].add(rank)
        self.dates[rank] = document["d"]
        self.by_user[document["u"]].add(rank)
        if document["r"]:
            self.unread.add(rank)

    def shapes_of(self, word):
        if word not in self.fitting:
            self.fitting[word] = [(kind, text) for kind, text in self.shapes if FITS[kind](word, text)]
        return self.fitting[word]

    def hits(self, query):
        """All ranks that match, newest first."""
        sets = [self.having[clause] for clause in query.must]
        if query.should:
            sets.append(set().union(*(self.having[clause] for clause in query.should)))
        if query.phrase:
            sets.append(self.having["phrase", *query.phrase])
        sets += [self.having[kind, getattr(query, kind)] for kind in FITS if getattr(query, kind)]
        if query.user:
            sets.append(self.by_user[query.user])
        if query.unread:
            sets.append(self.unread)
        found = set.intersection(*sets).difference(*(self.having[clause] for clause in query.must_not))
        if query.lo is not None:
            found = {rank for rank in found if query.lo <= self.dates[rank] < query.hi}
        return sorted(found, reverse=True)

    def answer(self, query):
        hits = self.hits(query)
        line = [query.kind, len(hits), hits[query.offset:query.offset + peer.NEWEST]]
        if query.facet:
            months = (datetime.datetime.fromtimestamp(self.dates[rank], datetime.UTC).strftime("%Y-%m") for rank in hits)
            line.append(sorted(map(list, collections.Counter(months).items())))
        return line


def is_one_edit_away(word, other):
    """Whether one letter put in, taken out or replaced, or none, makes one word the other."""
    if abs(len(word) - len(other)) > 1:
        return False
    shorter, longer = sorted((word, other), key=len)
    at = next((i for i, (a, b) in enumerate(zip(shorter, longer)) if a != b), len(shorter))
    return shorter[at + (len(shorter) == len(longer)):] == longer[at + 1:]


FITS = {"prefix": str.startswith, "substring": lambda word, part: part in word, "fuzzy": is_one_edit_away}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["query"])
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--totals", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--users", action="store_true")
    arguments = parser.parse_args()
    queries = peer.read_queries(arguments.queries, arguments.users)
    scan = Scan(queries)
    for rank, document in enumerate(itertools.islice(read(arguments.docs), arguments.limit or None), 1):
        scan.add(rank, document)
    arguments.totals.write_text(json.dumps([scan.answer(query) for query in queries]) + "\n")
    print(json.dumps({"documents": len(scan.dates), "queries": len(queries)}), flush=True)


if __name__ == "__main__":
    main()
