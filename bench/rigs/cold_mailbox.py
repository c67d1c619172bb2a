#!/usr/bin/env python3
"""The first search of a mailbox that nobody has asked for since the server began, and what others wait for meanwhile.

    bench/rigs/cold_mailbox.py [--binary maildex] [--mails 15000] [--rounds 10] [--drop] [--rows] [--data DIR]

Imports a mailbox of generated mails and eight small ones; then starts the server anew for each round, and measures the
first search (unread mails with a word, newest 20, exact total) and the second, while the small mailboxes are written to
without pause. With --drop the shards' files are dropped from the page cache before; with --rows the attribute files are
removed, so that the mailbox is read from the metadata. DIR, if given, is kept and used again. Prints one JSON line of
milliseconds, the worst write of each round and MiB that the server grew by; exit code 1 when an answer is wrong.
"""
import argparse
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
from server import BINARY, Client, Server, Trouble, note  # noqa: E402

OWNER = "owner@example.com"
NEIGHBOURS = [f"neighbour{number}@example.com" for number in range(8)]
QUERY = "word{} is:unread in:anywhere"
WORDS = 50


def write_mbox(path, count):
    with open(path, "w") as file:
        for number in range(count):
            status = "Status: RO\n" if number % 3 else ""
            date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(1_600_000_000 + number * 300))
            references = f"References: <{number - 2}@example.com>\n" if number % 4 == 3 else ""
            file.write(
                f"From sender{number % 300}@example.com {time.asctime(time.gmtime(1_600_000_000 + number * 300))}\n"
                f"From: sender{number % 300}@example.com\nTo: {OWNER}\nSubject: matter {number}\nDate: {date}\n"
                f"Message-ID: <{number}@example.com>\n{references}{status}\n"
                f"about word{number % WORDS} and other{number % 997} and nothing else of note\n\n")


def fill(server, work, count):
    mbox = Path(work) / "mails.mbox"
    write_mbox(mbox, count)
    one = Path(work) / "one.mbox"
    write_mbox(one, 1)
    for user in [OWNER, *NEIGHBOURS]:
        server.run("user", "add", user)
        server.run("import", "--user", user, mbox if user == OWNER else one)


def settle(server):
    """Until nothing is merged any more."""
    server.start()
    before, calm = None, 0
    while calm < 4:
        time.sleep(1)
        now = [line for line in server.run("stats").splitlines() if line.startswith("shard=")]
        calm = calm + 1 if now == before else 0
        before = now
    server.stop()


def shard_files(data):
    return [path for path in Path(data).glob("shards/*/**/*") if path.is_file()]


def drop_files(data):
    for path in shard_files(data):
        with open(path, "rb") as file:
            os.fdatasync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class Writers:
    """One client for each neighbour that marks its mail as read and unread without pause."""

    def __init__(self, address):
        self.stopping, self.worst, self.count = threading.Event(), 0.0, 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.write, args=(address, user)) for user in NEIGHBOURS]
        for thread in self.threads:
            thread.start()

    def write(self, address, user):
        client = Client(address, user)
        path = "/v1/messages/" + client.search("in:anywhere", limit=1)["hits"][0]["message"]["id"]
        while not self.stopping.is_set():
            began = time.monotonic()
            client.ask("PATCH", path, {"is_read": self.count % 2 == 0})
            took = (time.monotonic() - began) * 1000
            with self.lock:
                self.worst, self.count = max(self.worst, took), self.count + 1
        client.close()

    def begin(self):
        """Forgets what was before."""
        while self.count < 50:
            time.sleep(0.01)
        with self.lock:
            self.worst = 0.0

    def end(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        return self.worst


def timed(client, word):
    began = time.monotonic()
    answer = client.search(QUERY.format(word), limit=20)
    return (time.monotonic() - began) * 1000, answer["total"]


def measure(server, arguments):
    quiet, first, second, writes, grown = [], [], [], [], []
    for round in range(arguments.rounds * 2):
        is_loud = round % 2 == 1
        if arguments.rows:
            for path in Path(server.data).glob("shards/*/index/*.att"):
                path.unlink()
        if arguments.drop:
            drop_files(server.data)
        server.start()
        # The process's own start is not the mailbox's.
        warm = Client(server.http, NEIGHBOURS[0])
        warm.search(QUERY.format("nothing"), limit=20)
        client = Client(server.http, OWNER)
        before, writers = server.memory("VmRSS"), Writers(server.http) if is_loud else None
        if writers:
            writers.begin()
        word = round % WORDS
        took, total = timed(client, word)
        again, same = timed(client, word)
        if writers:
            writes.append(writers.end())
        expected = sum(1 for number in range(arguments.mails) if number % 3 == 0 and number % WORDS == word)
        if total != expected or same != expected:
            raise Trouble(f"word{word}: {expected} expected, {total} and {same} found")
        (first if is_loud else quiet).append(took)
        second.append(again)
        grown.append(server.memory("VmRSS") - before)
        warm.close()
        client.close()
        server.stop()
    return {"mails": arguments.mails, "drop": arguments.drop, "rows": arguments.rows, "first_ms": summary(quiet),
            "first_under_writes_ms": summary(first), "second_ms": summary(second), "worst_write_ms": summary(writes),
            "grown_mb": summary(grown)}


def summary(values):
    return {"p50": round(statistics.median(values), 2), "max": round(max(values), 2)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    parser.add_argument("--mails", type=int, default=15_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--drop", action="store_true")
    parser.add_argument("--rows", action="store_true")
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="maildex-cold-") as work:
        data = arguments.data or Path(work) / "data"
        is_new = not Path(data).exists()
        server = Server(arguments.binary, data)
        try:
            if is_new:
                fill(server, work, arguments.mails)
                settle(server)
            print(json.dumps(measure(server, arguments)), flush=True)
        except Trouble as trouble:
            note(f"FAILED: {trouble}")
            sys.exit(1)
        finally:
            if not server.ended():
                server.kill()


if __name__ == "__main__":
    main()
