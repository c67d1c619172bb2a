#!/usr/bin/env python3
"""Picks the queries of the search benchmark out of a document file, by seed and by document frequency.

    bench/rigs/queries.py --docs FILE.jsonl --out FILE.json [--each 40] [--seed S] [--users] [--bare]

The file is `{queries: [{kind, must: [[field, word]…], should, must_not, …, maildex}]}`, where `field` is `any` (subject,
body, from, to), `from` or `subject`, and a query may also have: `phrase` [word, word], `prefix`, `substring`, `fuzzy`
(each over `any`), `lo` ≤ date < `hi` (Unix seconds, both midnights in UTC), `unread` true, `user`, `offset` (hits passed
over before the twenty that are asked for), `facet` "month", and `engines`, the only ones that can answer it.

Words are `[a-z]{3,12}`. Every query but `nohit` is drawn from some mail, so its words do stand together somewhere:

| kind | query |
|---|---|
| rare | a word of 2 to 5 documents (or one in 10,000) |
| mid | a word of 0.3% to 2% of the documents |
| common | a word of 5% to 40% |
| and2, and3 | mid words and common ones |
| or | two mid words, either |
| not | a mid word without a common one |
| phrase | two neighbours in a body |
| from, subject | a word of the sender's, a word of the subject |
| window | a mid word within 7 to 120 days around the mail |
| prefix | the first 3 to 5 letters of a mid word |
| unread | a common word in unread mail |
| count | a common word, of which only the number is asked |
| nohit | a word that is nowhere |
| page50 | hits 981 to 1,000 of one of the most frequent words |
| substring | 4 or 5 letters inside a mid word |
| fuzzy | a mid word with one letter wrong; distance 1 |
| facet | a common word's mails by month |

A phrase stands in no address, where engines place words differently. PostgreSQL is not asked for a phrase when some mail
that has both words has either more than 255 times, or has more than 16,000 words: a tsvector does not keep those positions.
A fuzzy word has no neighbour by transposition, on which engines differ.

`maildex` is the query in Maildex's language, each word in quotes so that stemming never widens it; --bare leaves them out.
With --users each query belongs to the user whose mail it was drawn from.
"""
import argparse
import collections
import datetime
import json
import random
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
from documents import read, words  # noqa: E402
from server import note  # noqa: E402

PLAIN = re.compile(r"[a-z]{3,12}")
DAY = 86_400  # seconds
SAMPLE = 5_000  # mails that queries are drawn from
PATIENCE = 20_000  # draws for one query before its kind is given up
MOST_POSITIONS, LONGEST_MAIL = 255, 16_000  # of one word, and in words: a tsvector's limits
PAGE_50 = 49 * 20
WITH_POSITIONS = ["maildex", "fts5", "tantivy", "xapian", "lucene", "notmuch", "mu", "naive"]
WITH_WILDCARDS = ["maildex", "tantivy", "lucene", "naive"]
WITH_FACETS = ["maildex", "fts5", "postgres", "naive"]


class Statistics:
    """What one pass over the documents tells: how many there are, words' document frequencies, and some of the mails."""

    def __init__(self, path, generator):
        self.count = 0
        self.frequency, self.in_from, self.in_subject = collections.Counter(), collections.Counter(), collections.Counter()
        self.sample = []
        for document in read(path):
            self.count += 1
            subject, sender = set(words(document["s"])), set(words(document["f"]))
            self.in_subject.update(subject)
            self.in_from.update(sender)
            self.frequency.update(subject | sender | set(words(document["b"])) | set(words(document["t"])))
            self.keep(document, generator)

    def keep(self, document, generator):
        """Algorithm R: every document is in the sample with the same probability."""
        if len(self.sample) < SAMPLE:
            self.sample.append(document)
        elif (place := generator.randrange(self.count)) < SAMPLE:
            self.sample[place] = document

    def bands(self):
        """Name → lowest and highest document frequency."""
        n = self.count
        return {"rare": (2, max(5, n // 10_000)), "mid": (max(6, n * 3 // 1_000), max(40, n // 50)),
                "common": (n // 20, n * 2 // 5), "top": (max(1_000, n // 10), n)}


class Picker:
    """Draws queries; never the same one twice."""

    def __init__(self, statistics, generator, is_bare):
        self.statistics, self.generator, self.is_bare = statistics, generator, is_bare
        self.bands = statistics.bands()

    def queries(self, kind, count):
        """`count` queries of a kind, fewer with a note when the mails have no more."""
        found, tried = {}, 0
        while len(found) < count and tried < PATIENCE:
            tried += 1
            document = self.generator.choice(self.statistics.sample)
            query = getattr(self, METHODS.get(kind, kind))(document)
            if query:
                query = {"kind": kind, "must": [], "should": [], "must_not": []} | query
                found.setdefault(json.dumps(query), (query, document))
        if len(found) < count:
            note(f"only {len(found)} queries of kind {kind}")
        return list(found.values())

    # Words of a mail

    def word(self, document, band, but=()):
        """A word of the mail that is in the band, or `None`. Tries a few places instead of looking at all of them."""
        low, high = self.bands[band]
        every = words(document["b"])
        for _ in range(min(30, len(every))):
            word = self.generator.choice(every)
            if PLAIN.fullmatch(word) and low <= self.statistics.frequency[word] <= high and word not in but:
                return word
        return None

    def different(self, document, *bands):
        """One word of each band, all different, or `None`."""
        found = []
        for band in bands:
            word = self.word(document, band, but=found)
            if word is None:
                return None
            found.append(word)
        return found

    def quoted(self, word):
        return word if self.is_bare else f'"{word}"'

    def together(self, document, *bands):
        found = self.different(document, *bands)
        return found and {"must": [["any", word] for word in found], "maildex": " ".join(map(self.quoted, found))}

    # Kinds

    def rare(self, document):
        return self.together(document, "rare")

    def mid(self, document):
        return self.together(document, "mid")

    def common(self, document):
        return self.together(document, "common")

    def and2(self, document):
        return self.together(document, "mid", "common")

    def and3(self, document):
        return self.together(document, "mid", "common", "common")

    def either(self, document):
        other = self.word(self.generator.choice(self.statistics.sample), "mid")
        word = self.word(document, "mid", but=[other])
        return word and other and {"should": [["any", word], ["any", other]],
                                   "maildex": f"{self.quoted(word)} OR {self.quoted(other)}"}

    def without(self, document):
        word, other = self.word(document, "mid"), self.word(self.generator.choice(self.statistics.sample), "common")
        return word and other and {"must": [["any", word]], "must_not": [["any", other]],
                                   "maildex": f"{self.quoted(word)} -{self.quoted(other)}"}

    def phrase(self, document):
        every = words(document["b"])
        if len(every) < 2:
            return None
        at = self.generator.randrange(len(every) - 1)
        pair = every[at:at + 2]
        if not all(PLAIN.fullmatch(word) for word in pair) or pair[0] == pair[1]:
            return None
        return {"phrase": pair, "maildex": f'"{pair[0]} {pair[1]}"'}

    def in_field(self, field, text, frequency):
        fitting = [word for word in words(text) if PLAIN.fullmatch(word) and 2 <= frequency[word] <= self.statistics.count // 5]
        if not fitting:
            return None
        word = self.generator.choice(fitting)
        return {"must": [[field, word]], "maildex": f"{field}:{self.quoted(word)}"}

    def sender(self, document):
        """From the name and the part before the `@`; what stands behind is a domain."""
        return self.in_field("from", re.sub(r"@[^ ,>]*", " ", document["f"]), self.statistics.in_from)

    def subject(self, document):
        return self.in_field("subject", document["s"], self.statistics.in_subject)

    def window(self, document):
        word, days = self.word(document, "mid"), self.generator.randint(7, 120)
        if not word:
            return None
        low = max(0, document["d"] // DAY - self.generator.randrange(days))
        after, before = (datetime.date.fromordinal(datetime.date(1970, 1, 1).toordinal() + day) for day in (low, low + days))
        return {"must": [["any", word]], "lo": low * DAY, "hi": (low + days) * DAY,
                "maildex": f"{self.quoted(word)} after:{after} before:{before}"}

    def prefix(self, document):
        word = self.word(document, "mid")
        start = word and word[:self.generator.randint(3, 5)]
        return start and {"prefix": start, "maildex": f"{start}*"}

    def unread(self, document):
        word = self.word(document, "common")
        return word and {"must": [["any", word]], "unread": True, "maildex": f"is:unread {self.quoted(word)}"}

    def count(self, document):
        return self.together(document, "common")

    def nohit(self, document):
        word = "".join(self.generator.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(9))
        return None if word in self.statistics.frequency else {"must": [["any", word]], "maildex": self.quoted(word)}

    def page50(self, document):
        query = self.together(document, "top")
        return query and query | {"offset": PAGE_50}

    def substring(self, document):
        word, length = self.word(document, "mid"), self.generator.randint(4, 5)
        if not word or len(word) < length + 2:
            return None
        at = self.generator.randint(1, len(word) - length - 1)
        return {"substring": word[at:at + length], "maildex": f"*{word[at:at + length]}*", "engines": WITH_WILDCARDS}

    def fuzzy(self, document):
        word = self.word(document, "mid")
        if not word or len(word) < 6:
            return None
        at = self.generator.randrange(len(word))
        wrong = word[:at] + self.generator.choice("abcdefghijklmnopqrstuvwxyz") + word[at + 1:]
        swapped = (wrong[:i] + wrong[i + 1] + wrong[i] + wrong[i + 2:] for i in range(len(wrong) - 1))
        if wrong in self.statistics.frequency or any(other in self.statistics.frequency for other in swapped):
            return None
        return {"fuzzy": wrong, "maildex": f"{wrong}~", "engines": WITH_WILDCARDS}

    def facet(self, document):
        query = self.together(document, "common")
        return query and query | {"facet": "month", "engines": WITH_FACETS}


METHODS = {"or": "either", "not": "without", "from": "sender"}  # kinds whose names Python or a caller has taken
KINDS = ["rare", "mid", "common", "and2", "and3", "or", "not", "phrase", "from", "subject", "window", "prefix", "unread",
         "count", "nohit", "page50", "substring", "fuzzy", "facet"]


def exact_phrases(path, candidates):
    """The candidates without those in addresses, and PostgreSQL left out where it cannot be exact."""
    starts = collections.defaultdict(list)  # first word → pairs
    for query, _ in candidates:
        starts[query["phrase"][0]].append(tuple(query["phrase"]))
    in_addresses, beyond = set(), set()
    for document in read(path):
        people = words(document["f"]) + ["0"] + words(document["t"])
        in_addresses.update(zip(people, people[1:]))
        every = words(document["s"]) + words(document["b"]) + people
        if len(every) > MOST_POSITIONS:
            beyond.update(beyond_limits(every, starts))
    return [(query | ({"engines": WITH_POSITIONS} if tuple(query["phrase"]) in beyond else {}), document)
            for query, document in candidates if tuple(query["phrase"]) not in in_addresses]


def beyond_limits(every, starts):
    """The pairs of which a tsvector of these words does not keep every position."""
    counted = collections.Counter(every)
    for first in counted.keys() & starts.keys():
        for pair in starts[first]:
            if pair[1] in counted and (len(every) > LONGEST_MAIL or max(counted[word] for word in pair) > MOST_POSITIONS):
                yield pair


def pick(arguments):
    generator = random.Random(arguments.seed)
    statistics = Statistics(arguments.docs, generator)
    picker = Picker(statistics, generator, arguments.bare)
    chosen = []
    for kind in KINDS:
        found = picker.queries(kind, arguments.each * (2 if kind == "phrase" else 1))
        if kind == "phrase":
            found = exact_phrases(arguments.docs, found)[:arguments.each]
        for query, document in found:
            chosen.append(query | ({"user": document["u"]} if arguments.users else {}))
    return chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--docs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=40, help="queries of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--users", action="store_true", help="each query within one user's mail")
    parser.add_argument("--bare", action="store_true", help="no quotes around the words of `maildex`")
    arguments = parser.parse_args()
    queries = pick(arguments)
    arguments.out.write_text(json.dumps({"queries": queries}, indent=0) + "\n")
    kinds = collections.Counter(query["kind"] for query in queries)
    print(json.dumps({"queries": len(queries), "kinds": kinds}), flush=True)


if __name__ == "__main__":
    main()
