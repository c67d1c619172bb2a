#!/usr/bin/env python3
"""Suggestions over HTTP: how long each takes while a query is typed, one key after another.

    bench/rigs/suggest_mail.py [--binary maildex] [--corpus DIR/<user>/<folder>.mbox | --sample] [--data DIR] [--user NAME]
                               [--words 60] [--passes 3] [--seed 1]

Imports the largest mailbox of the corpus (or NAME's) into a fresh data directory, and waits until its index is merged; or --data
holds what import_mail.py left. Words of the user's subjects, senders and folders are drawn by the seed and typed, one letter to
five, each asked for on one kept-alive connection: bare (suggestions of all kinds), as `from:`, as `subject:` and as `in:`. Prints one
JSON line: for each of these, for one bare letter alone and for a request that does nothing (`health`) how long it took in ms until
the client had the last byte, and a checksum of all answers: the same for two builds that answer the same. Exit code 1 when a
request fails or nothing is ever suggested.
"""
import argparse
import hashlib
import json
import random
import re
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
from search_mail import percentiles  # noqa: E402
from server import BINARY, Client, Server, Trouble, note  # noqa: E402

LONGEST = 5
KINDS = {"all": "", "people": "from:", "subjects": "subject:", "folders": "in:"}


def words_of(directory, chance, count):
    """Words that somebody may want to find: of each kind of suggestion as many."""
    subjects, people = set(), set()
    for mail in corpus.mails(directory):
        head = mail.decode("latin-1").partition("\n\n")[0]
        for name, value in re.findall(r"(?m)^(Subject|From|To): (.*)$", head):
            (subjects if name == "Subject" else people).update(re.findall(r"[a-z]{3,}", value.lower()))
    folders = {word for path in directory.glob("*.mbox") for word in re.findall(r"[a-z]{3,}", path.stem.lower())}
    return [chance.choice(sorted(words)) for words in (subjects, people, folders) if words for _ in range(count // 3)]


def beginnings(words, prefix, longest=LONGEST):
    return [prefix + word[:length] for word in words for length in range(1, min(len(word), longest) + 1)]


class Asker:
    """One connection, and a checksum of what it was answered."""

    def __init__(self, address, user):
        self.client, self.checksum, self.count = Client(address, user), hashlib.sha256(), 0

    def ask(self, path):
        """Milliseconds."""
        began = time.perf_counter()
        status, _, body = self.client.ask("GET", path)
        took = (time.perf_counter() - began) * 1000
        if status != 200:
            raise Trouble(f"GET {path} answers {status}: {body[:500]!r}")
        if path != "/healthz":
            self.checksum.update(body)
            self.count += len(json.loads(body))
        return took

    def ask_all(self, queries, passes):
        paths = ["/v1/search/suggest?" + urllib.parse.urlencode({"q": query}) for query in queries]
        for path in paths:  # once before, so that what is kept in memory is
            self.ask(path)
        return percentiles([self.ask(path) for _ in range(passes) for path in paths])


def settle(server):
    """Until nothing is merged any more."""
    before, calm = None, 0
    while calm < 4:
        time.sleep(1)
        now = [line for line in server.run("stats").splitlines() if line.startswith("shard=")]
        calm = calm + 1 if now == before else 0
        before = now


def run(server, directory, address, arguments):
    chance = random.Random(arguments.seed)
    words = words_of(directory, chance, arguments.words)
    server.start()
    note("waiting for merges")
    settle(server)
    asker = Asker(server.http, address)
    figures = {"user": directory.name, "mails": asker.client.search("in:anywhere", limit=1)["total"],
               "health": percentiles([asker.ask("/healthz") for _ in range(300)])}
    for kind, prefix in KINDS.items():
        note(kind)
        figures[kind] = asker.ask_all(beginnings(words, prefix), arguments.passes)
    figures["one_letter"] = asker.ask_all(beginnings(words, "", longest=1), arguments.passes)
    if not asker.count:
        raise Trouble("nothing was suggested")
    server.stop()
    return figures | {"answers": asker.checksum.hexdigest()[:16]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    corpus.add_arguments(parser)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--user", help="name of the user's directory; by default that of the largest mailbox")
    parser.add_argument("--words", type=int, default=60)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="maildex-suggest-") as work:
        folder = corpus.find(arguments, work)
        users = corpus.users(folder)
        name = arguments.user or max(users, key=lambda name: sum(1 for _ in corpus.mails(folder / name)))
        server = Server(arguments.binary, arguments.data or Path(work) / "data")
        try:
            if not arguments.data:
                server.run("user", "add", users[name])
                server.run("import", "--user", users[name], folder / name)
            figures = run(server, folder / name, users[name], arguments)
        except Trouble as trouble:
            sys.exit(f"FAILED: {trouble}")
        finally:
            if not server.ended():
                server.kill()
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
