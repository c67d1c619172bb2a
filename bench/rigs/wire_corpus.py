#!/usr/bin/env python3
"""Real mail over SMTP into Maildex, and out of its API again: is each there once for each recipient, byte for byte?

    bench/rigs/wire_corpus.py [--binary maildex] [--corpora DIR] [--archives spamassassin,lists,edge-cases,enron]
                              [--limit 300] [--connections 8]

The archives are `DIR/NAME.tar.zst`, by default of `$MAILDEX_CORPORA` or of `shared/corpora` beside the checkout: mboxes, and single
mails of `edge-cases`. One that is absent is skipped, and said so. `--limit` takes so many mails of each, spread over it; 0 takes
all. Lines that end in LF are sent with CRLF; a CR alone stays. Mails are matched by the number in `250 queued as`, which stands in
the `Received` field that comes back. What is refused or held is counted by its reason, and held originals are compared too.
Prints one JSON line; exit code 1 when a mail was lost, doubled or changed,
or more than some were refused or held.
"""
import argparse
import collections
import json
import queue
import re
import smtplib
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
from server import BINARY, PATIENCE, Client, Server, Trouble, in_threads, note  # noqa: E402

ARCHIVES = ("spamassassin", "lists", "edge-cases", "enron")
READERS = [f"reader{number}@example.com" for number in range(8)]
SENDER = "corpus@example.net"
LEAST_ACCEPTED, MOST_HELD = 0.98, 0.05  # of real mail, which has some that breaks the rules
INDEX_PATIENCE = 600  # seconds for the rest of the queue, on a machine that does other things too
TRACE = re.compile(
    rb"\AReturn-Path: <[^\r\n]*>\r\nReceived: from [^\r\n]+\r\n\tby [^\r\n]+ with \S+ id (\d+)(?:\r\n\tfor <[^\r\n]*>)?; [^\r\n]+\r\n")


def untraced(raw):
    """The number that Maildex gave a mail, and the mail without the fields that Maildex puts before it."""
    match = TRACE.match(raw)
    if not match:
        raise Trouble(f"not Maildex's trace fields: {raw[:300]!r}")
    return int(match[1]), raw[match.end():]


def on_the_wire(raw):
    """As a client sends it: CRLF where there was LF, also at the end."""
    raw = re.sub(rb"(?<!\r)\n", b"\r\n", raw)
    return raw if raw.endswith(b"\r\n") or not raw else raw + b"\r\n"


def archived_mails(archive):
    """Every mail of an archive with its name, in the order of names."""
    with tempfile.TemporaryDirectory(prefix="maildex-corpus-") as work:
        subprocess.run(["tar", "--zstd", "-xf", archive, "-C", work], check=True, stdin=subprocess.DEVNULL)
        for path in sorted(path for path in Path(work).rglob("*") if path.is_file()):
            name = str(path.relative_to(work))
            if path.suffix == ".mbox":
                for number, raw in enumerate(mbox_entries(path.read_bytes())):
                    yield f"{name}#{number}", raw
            elif path.suffix in (".eml", ".msg") or path.suffix == ".txt" and "/mime4j/" not in name:
                yield name, path.read_bytes()


def mbox_entries(content):
    for entry in re.split(rb"(?m)^From .*\n", content)[1:]:
        entry = entry[:-1] if entry.endswith(b"\n\n") else entry
        yield re.sub(rb"(?m)^>(>*From )", rb"\1", entry)


class Operator(Client):
    """HTTP as an operator asks: queues instead of mailboxes."""

    def ask(self, method, path, body=None):
        self.connection.request(method, path, headers={"X-Maildex-Operator": "true"})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def held(self):
        """Number → (reason, the original), of all mail in the error queue."""
        mails = {}
        for mail in self.list_all("/admin/v1/queues/error/messages"):
            status, _, raw = self.ask("GET", f"/admin/v1/queues/error/messages/{mail['id']}/raw")
            if status != 200:
                raise Trouble(f"the original of held mail {mail['id']} answers {status}")
            mails[int(mail["id"])] = (mail, raw)
        return mails


class Load:
    """Mails on their way, and what became of each: accepted by number, or refused by what was said."""

    def __init__(self, address):
        self.address = address
        self.accepted, self.refused = {}, []

    def send_all(self, mails, connections):
        waiting = queue.Queue()
        for number, (name, raw) in enumerate(mails):
            recipients = [READERS[number % len(READERS)]]
            if number % 10 == 0:
                recipients.append(READERS[(number + 1) % len(READERS)])
            waiting.put((name, recipients, on_the_wire(raw)))
        in_threads([lambda: self.run(waiting) for _ in range(connections)])

    def run(self, waiting):
        client = None
        while True:
            try:
                name, recipients, content = waiting.get_nowait()
            except queue.Empty:
                break
            client = client or smtplib.SMTP(*self.address, timeout=PATIENCE)
            code, text = transact(client, recipients, content)
            match = re.search(rb"queued as (\d+)", text)
            if code == 250 and match:
                self.accepted[int(match[1])] = (name, recipients, content)
            else:
                self.refused.append((name, f"{code} {text.decode(errors='replace')}"))
            if code == 421:
                client.close()
                client = None
        if client:
            client.quit()


def transact(client, recipients, content):
    client.ehlo_or_helo_if_needed()
    replies = [client.mail(SENDER, ["BODY=8BITMIME", f"SIZE={len(content)}"])]
    replies += [client.rcpt(address) for address in recipients] if replies[0][0] == 250 else []
    refusal = next((reply for reply in replies if reply[0] != 250), None)
    if not refusal:
        begun = client.docmd("DATA")
        if begun[0] == 354:
            client.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
            return client.getreply()
        refusal = begun
    if refusal[0] != 421:
        client.rset()
    return refusal


class Check:
    """What of a load came back."""

    def __init__(self, accepted):
        self.accepted = accepted
        self.seen = collections.Counter()
        self.problems = []
        self.in_spam = 0

    def read_mailbox(self, address, reader):
        client = Client(address, reader)
        client.settle(INDEX_PATIENCE)
        _, messages = client.search_all("in:anywhere")
        spam = client.search("in:spam", limit=1)["total"]
        for message in messages:
            status, _, raw = client.ask("GET", f"/v1/messages/{message['id']}/raw")
            if status != 200:
                self.problems.append(f"{reader}: the original of {message['id']} answers {status}")
                continue
            number, content = untraced(raw)
            self.compare(number, content, reader)
        self.in_spam += spam
        client.close()

    def compare(self, number, content, reader):
        name, recipients, sent = self.accepted.get(number, (None, (), b""))
        if reader not in recipients:
            self.problems.append(f"{reader} has {number}, which is not for them")
        elif content != sent:
            self.problems.append(f"{name} came back changed: {len(sent)} bytes sent, {len(content)} came, first difference at "
                                 f"{next((i for i, (a, b) in enumerate(zip(sent, content)) if a != b), min(len(sent), len(content)))}")
        self.seen[number, reader] += 1

    def read_held(self, held):
        for number, (_, raw) in held.items():
            for reader in self.accepted[number][1]:
                if self.seen[number, reader]:
                    self.problems.append(f"{self.accepted[number][0]} is held and delivered")
                self.compare(number, raw, reader)

    def verdict(self):
        for number, (name, recipients, _) in self.accepted.items():
            for reader in recipients:
                if (count := self.seen[number, reader]) != 1:
                    self.problems.append(f"{name} is there {count} times for {reader}")
        return self.problems


def spread(mails, limit):
    """So many, evenly from all over."""
    if not limit or len(mails) <= limit:
        return mails
    return [mails[number * len(mails) // limit] for number in range(limit)]


def measure(binary, archive, limit, connections):
    with tempfile.TemporaryDirectory(prefix="maildex-wire-") as work:
        mails = spread(list(archived_mails(archive)), limit)
        server = Server(binary, Path(work) / "data", MAILDEX_SEARCH_DEADLINE="40000")
        try:
            for reader in READERS:
                server.run("user", "add", reader)
            server.start()
            load, began = Load(server.smtp), time.monotonic()
            load.send_all(mails, connections)
            seconds = time.monotonic() - began
            check = Check(load.accepted)
            for reader in READERS:
                check.read_mailbox(server.http, reader)
            operator = Operator(server.http, None)
            held = operator.held()
            check.read_held(held)
            problems = check.verdict()
            server.run("verify")
            server.stop()
        finally:
            if not server.ended():
                server.kill()
    reasons = collections.Counter(reason for _, reason in load.refused)
    return {"sent": len(mails), "accepted": len(load.accepted), "refused": dict(reasons.most_common()),
            "refused_mails": [name for name, _ in load.refused][:50],
            "held": dict(collections.Counter(held_reason(mail) for mail, _ in held.values()).most_common()),
            "held_mails": [load.accepted[number][0] for number in held][:50], "in_spam": check.in_spam,
            "copies": sum(check.seen.values()), "megabytes": round(sum(len(raw) for _, _, raw in load.accepted.values()) / 1e6, 1),
            "seconds": round(seconds, 1), "mails_s": round(len(mails) / seconds), "wrong": len(problems)}, problems


def held_reason(mail):
    """Filter and symbol that decided, without the file's name and what else was found."""
    return re.sub(r" \(.*|,.*", "", mail["reason"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    parser.add_argument("--corpora", type=Path, default=corpus.archive_path("enron").parent)
    parser.add_argument("--archives", default=",".join(ARCHIVES))
    parser.add_argument("--limit", type=int, default=300, help="mails of each archive; 0 for all")
    parser.add_argument("--connections", type=int, default=8)
    arguments = parser.parse_args()
    names = arguments.archives.split(",")
    if unknown := set(names) - set(ARCHIVES):
        parser.error(f"no such archive: {', '.join(sorted(unknown))}; there are {', '.join(ARCHIVES)}")
    results, is_good = {}, True
    for name in names:
        archive = arguments.corpora / f"{name}.tar.zst"
        if not archive.exists():
            note(f"{name}: SKIPPED, {archive.name} is not in the corpora directory (--corpora, MAILDEX_CORPORA)")
            continue
        try:
            results[name], problems = measure(arguments.binary, archive, arguments.limit, arguments.connections)
        except (Trouble, OSError, smtplib.SMTPException, subprocess.SubprocessError) as trouble:
            sys.exit(f"FAILED: {name}: {trouble}")
        note(f"{name}: {json.dumps(results[name])}")
        for problem in problems[:20]:
            note(f"{name}: WRONG: {problem}")
        sent, accepted, held = (results[name][key] for key in ("sent", "accepted", "held"))
        if accepted < sent * LEAST_ACCEPTED or sum(held.values()) > sent * MOST_HELD:
            note(f"{name}: WRONG: of {sent} mails {accepted} were accepted and {sum(held.values())} held")
            is_good = False
        is_good = is_good and not problems
    print(json.dumps({"limit": arguments.limit, "archives": results}), flush=True)
    sys.exit(0 if is_good else 1)


if __name__ == "__main__":
    main()
