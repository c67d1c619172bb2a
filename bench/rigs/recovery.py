#!/usr/bin/env python3
"""One mailbox of many mails, kill -9 while it receives: how long until the server is ready, and until the first search?

    bench/rigs/recovery.py [--binary maildex] (--docs FILE.jsonl | --count N) [--data DIR] [--rounds 5]
                          [--seconds 3] [--senders 8]

The mails are those of documents.py (--docs, its first user's; or made by it, --count), imported into one mailbox and so into one
shard; the rounds begin when its postings are made. Each round: threads send mail to it over SMTP for some seconds, the server is
killed and started again, and the whole mailbox is counted: every acknowledged mail is there, and no more than were sent. Searches do
not wait for queued mail. Prints one JSON line; exit code 1 when a promise was broken.
"""
import argparse
import email.utils
import json
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
import documents  # noqa: E402
from import_mail import RESULT  # noqa: E402
from server import BINARY, Client, Refused, Server, SMTPClient, Trouble, in_threads, note  # noqa: E402

USER = "everything@example.com"
EVERYTHING = "in:anywhere"
PENDING = re.compile(r" pending=(\d+) ")
FEW = 20_000  # mails
LONGEST_WAIT = 1_800  # seconds


def mbox_lines(document):
    """A document as a message of an mboxrd file."""
    date = email.utils.formatdate(document["d"])
    head = (f"Date: {date}\nFrom: {document['f']}\nTo: {document['t'] or USER}\nSubject: {document['s']}\n"
            f"Message-ID: <{document['i'].strip('<>')}>\n")
    body = "\n".join(">" + line if line.lstrip(">").startswith("From ") else line for line in document["b"].split("\n"))
    return f"From rig@example.net {time.asctime(time.gmtime(document['d']))}\n{head}\n{body}\n\n"


def write_mbox(path, docs):
    """Returns how many messages the file holds."""
    count, user = 0, None
    with open(path, "w", encoding="ascii") as file:
        for document in documents.read(docs):
            user = user or document["u"]
            if document["u"] == user:
                file.write(mbox_lines(document))
                count += 1
    return count


class Senders:
    """Threads that send mail as fast as it is taken, until they are told to stop or the server is gone."""

    def __init__(self, server, count, number):
        self.server, self.count, self.number = server, count, number
        self.sent = self.acknowledged = 0
        self.lock = threading.Lock()
        self.killing = threading.Event()

    def run(self, seconds):
        """Sends for so long, then kills the server while all are still sending."""
        def kill():
            time.sleep(seconds)
            self.killing.set()
            self.server.kill()
        in_threads([self.send] * self.count + [kill])

    def send(self):
        client = None
        try:
            client = SMTPClient(self.server.smtp)
            while True:
                self.send_one(client)
        except OSError:
            if not self.killing.is_set():
                raise
        except Refused as refused:
            raise Trouble(f"SMTP says {refused}") from None
        finally:
            if client:
                client.close()

    def send_one(self, client):
        with self.lock:
            self.sent += 1
            token = f"round{self.number}mail{self.sent}"
        client.send("rig@example.net", [USER], (
            f"From: Rig <rig@example.net>\r\nTo: {USER}\r\nSubject: Recovery {token}\r\n"
            f"Message-ID: <{token}@rig.example.net>\r\n\r\nThe token is {token}.\r\n").encode())
        with self.lock:
            self.acknowledged += 1


def wait_for_postings(server):
    """Seconds until next to no mail waits for postings: an import leaves some to be made."""
    began = time.monotonic()
    while (pending := int(PENDING.search(server.run("stats", "--user", USER))[1])) >= FEW:
        if time.monotonic() - began > LONGEST_WAIT:
            raise Trouble(f"{pending} mails wait for postings after {LONGEST_WAIT} seconds")
        time.sleep(1)
    return time.monotonic() - began


def total(server):
    client = Client(server.http, USER)
    try:
        began = time.monotonic()
        client.search("recovery", limit=20)
        first = (time.monotonic() - began) * 1000
        client.settle()
        return first, client.search(EVERYTHING, limit=1)["total"]
    finally:
        client.close()


def measure(server, mbox, count, arguments):
    if mbox is None:
        return rounds_of(server, arguments, {})
    server.run("user", "add", USER)
    last = server.run("import", "--user", USER, mbox).strip().splitlines()[-1]
    match = RESULT.fullmatch(last)
    if not match or int(match[1]) != count:
        raise Trouble(f"{count} mails to import, and import ends with {last!r}")
    note(last)
    return rounds_of(server, arguments, {"import_seconds": float(match[4])})


def rounds_of(server, arguments, figures):
    started = server.start()
    settled = wait_for_postings(server)
    searched, known = total(server)
    figures |= {"mails": known, "start_ms": round(started), "postings_seconds": round(settled, 1), "first_search_ms": round(searched)}
    rounds = []
    for number in range(arguments.rounds):
        senders = Senders(server, arguments.senders, number)
        senders.run(arguments.seconds)
        ready = server.start()
        first, found = total(server)
        note(f"round {number}: {senders.acknowledged} acknowledged, ready after {ready:.0f} ms, first search {first:.0f} ms")
        if not known + senders.acknowledged <= found <= known + senders.sent:
            raise Trouble(f"round {number}: {known} mails before, {senders.acknowledged} acknowledged of {senders.sent}, {found} found")
        known = found
        rounds.append((ready, first, senders.acknowledged))
    server.stop()
    return figures | {
        "rounds": len(rounds), "acknowledged": sum(row[2] for row in rounds), "lost": 0,
        "recovery_ms": spread([row[0] for row in rounds]), "search_after_ms": spread([row[1] for row in rounds])}


def spread(values):
    return {"p50": round(statistics.median(values)), "max": round(max(values))}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    parser.add_argument("--docs", type=Path, help="of documents.py; made when it is not given")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="imported by an earlier run; by default a temporary directory is filled")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of receiving before each kill")
    parser.add_argument("--senders", type=int, default=8)
    arguments = parser.parse_args()
    if arguments.rounds < 1:
        sys.exit("--rounds must be 1 or more")
    with tempfile.TemporaryDirectory(prefix="maildex-recovery-") as work:
        mbox, count = None, 0
        docs = arguments.docs or Path(work) / "docs.jsonl"
        if not arguments.docs and not arguments.data:
            make = [sys.executable, Path(__file__).parent / "documents.py", "--out", docs, "--count", arguments.count, "--users", 1]
            subprocess.run(list(map(str, make)), check=True)
        if not arguments.data:
            mbox = Path(work) / "everything.mbox"
            count = write_mbox(mbox, docs)
        server = Server(arguments.binary, arguments.data or Path(work) / "data", MAILDEX_SEARCH_WAIT_FOR_QUEUE="0")
        try:
            figures = measure(server, mbox, count, arguments)
        except Trouble as trouble:
            sys.exit(f"FAILED: {trouble}")
        finally:
            if not server.ended():
                server.kill()
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()
