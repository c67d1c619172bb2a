#!/usr/bin/env python3
"""Each user's rarest words, found by search as a naive scan finds them: the same messages, none more and none less.

    bench/rigs/rare_words.py --data DIR [--binary maildex] [--corpus DIR/<user>/<folder>.mbox] [--words 100]

DIR is what import_mail.py --data left. The scan is Python's: mboxes cut by hand, mails parsed by the `email` package,
words by a regular expression. Words of 3 to 12 letters a-z are asked for as `"word"`, all pages, in:anywhere. Prints
the differences with what may explain them, then one JSON line; exit code 1 when there was one.
"""
import argparse
import collections
import json
import multiprocessing
import re
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
from server import BINARY, Client, Server, Trouble, note  # noqa: E402

PLAIN = re.compile(r"[a-z]{3,12}")
SHOWN = 40


def scan(directory, count):
    """The user's rarest words → how often each Message-ID has them, and what to show when the answers differ."""
    texts = [(corpus.text(raw), raw) for raw in corpus.mails(directory)]
    places = collections.defaultdict(list)
    for position, ((text, _), _) in enumerate(texts):
        for word in corpus.words(text):
            if PLAIN.fullmatch(word):
                places[word].append(position)
    rarest = sorted(places, key=lambda word: (len(places[word]), hash_of(word)))[:count]
    common = sorted(places, key=lambda word: -len(places[word]))[: max(1, count // 20)]
    chosen = {word: collections.Counter(texts[position][0][1] for position in places[word]) for word in rarest + common}
    return chosen, len(texts)


def hash_of(word):
    """Spreads the choice among equally rare words over the alphabet, the same on every run."""
    value = 0
    for letter in word:
        value = (value * 1_000_003 + ord(letter)) % 2_147_483_647
    return value


def explain(directory, word, message_ids, is_missing):
    """Where the word stands in the mails that only one side has."""
    for raw in corpus.mails(directory):
        text, message_id = corpus.text(raw)
        if message_id not in message_ids:
            continue
        if is_missing:
            match = re.search(rf".{{0,30}}{word}.{{0,30}}", text, re.IGNORECASE)
            return f"stands as {match[0]!r}" if match else "stands there only after normalisation"
        match = re.search(rf".{{0,30}}{word}.{{0,30}}".encode(), raw, re.IGNORECASE)
        place = "its header" if match and match.start() < raw.find(b"\n\n") else "its source"
        return f"the scan reads no such word; {place} has {match[0]!r}" if match else "its source does not have it"
    return "no mail of that Message-ID"


def compare(client, directory, chosen, report):
    equal = 0
    for word, expected in chosen.items():
        total, messages = client.search_all(f'"{word}" in:anywhere')
        found = collections.Counter((message["message_id"] or "").strip("<>") for message in messages)
        if found == expected and total == expected.total():
            equal += 1
            continue
        missing, extra = expected - found, found - expected
        reasons = [f"total says {total}, pages hold {len(messages)}"] * (total != len(messages))
        if missing:
            reasons.append(f"not found: {dict(missing.most_common(3))}, {explain(directory, word, missing, True)}")
        if extra:
            reasons.append(f"found besides: {dict(extra.most_common(3))}, {explain(directory, word, extra, False)}")
        report(f"{directory.name} {word!r}: {expected.total()} expected, {total} found; {'; '.join(reasons)}")
    return equal


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    corpus.add_arguments(parser)
    parser.add_argument("--data", type=Path, required=True, help="the data directory that the corpus was imported into")
    parser.add_argument("--words", type=int, default=100, help="rarest words of each user; a twentieth of the commonest as well")
    arguments = parser.parse_args()
    differences = []

    def report(message):
        differences.append(message)
        if len(differences) <= SHOWN:
            note(message)

    with tempfile.TemporaryDirectory(prefix="maildex-rare-") as work:
        folder = corpus.find(arguments, work)
        users = corpus.users(folder)
        with multiprocessing.Pool() as pool:
            scans = pool.starmap(scan, [(folder / name, arguments.words) for name in users], chunksize=1)
        server = Server(arguments.binary, arguments.data)
        equal = 0
        try:
            server.start()
            for (name, address), (chosen, count) in zip(users.items(), scans):
                client = Client(server.http, address)
                total = client.search("in:anywhere", limit=1)["total"]
                if total != count:
                    report(f"{name}: {count} different mails in the corpus, {total} in the mailbox")
                equal += compare(client, folder / name, chosen, report)
                client.close()
            server.stop()
        except Trouble as trouble:
            sys.exit(f"FAILED: {trouble}")
        finally:
            if not server.ended():
                server.kill()
    words = sum(len(chosen) for chosen, _ in scans)
    print(json.dumps({"users": len(users), "mails": sum(count for _, count in scans), "words": words, "equal": equal,
                      "different": words - equal}), flush=True)
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
