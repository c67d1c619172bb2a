#!/usr/bin/env python3
"""Saved searches announce the mail that a search finds: real mail over SMTP, saved searches, events and answers over HTTP.

    bench/rigs/announce_mail.py [--binary maildex] [--corpus DIR/<user>/<folder>.mbox | --archive NAME | --sample]
                                [--searches 300] [--limit 400] [--seed 1]

Of each mailbox what comes first is imported, two mails of three, so that the languages of the mailbox are known; then searches that
notify are saved, of words that stand in the rest; then the rest comes over SMTP, at most --limit mails. In the end each search must
have announced, of the mail that came, what it finds: no mail more, none less, none twice. Prints the differences, then one JSON line;
exit code 1 when there was one, or when nothing was announced.
"""
import argparse
import collections
import email
import json
import random
import re
import sys
import tempfile
import unicodedata
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
from server import BINARY, Client, Refused, Server, SMTPClient, Trouble, note  # noqa: E402

WORD = re.compile(r"[^\W\d_]{2,20}")
# Runs of scripts without spaces: parts of them are asked for.
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{2,}")
SIGNED = re.compile(r"(?<!\w)(?:[A-Za-z]{1,10}(?:\+\+|#|\+)|#\w{2,12})(?!\w)")
KINDS = ("word", "word", "exact", "phrase", "prefix", "part", "subject", "both", "without", "signed", "unspaced", "header", "field")
SHOWN = 40


class Invention:
    """Queries of what stands in some mails."""

    def __init__(self, raws, seed):
        self.random = random.Random(seed)
        self.mails = [(corpus.text(raw)[0], email.message_from_bytes(raw)) for raw in raws]

    def query(self):
        """A kind and a query, or None where the chosen mail has nothing of the kind."""
        text, mail = self.random.choice(self.mails)
        kind = self.random.choice(KINDS)
        words = WORD.findall(text)
        if not words:
            return None
        made = getattr(self, kind)(text, mail, words)
        return (kind, made) if made else None

    def any(self, found):
        return self.random.choice(found) if found else None

    def word(self, text, mail, words):
        return self.any(words)

    def exact(self, text, mail, words):
        return f'"{self.any(words)}"'

    def phrase(self, text, mail, words):
        pair = self.any(re.findall(r"[^\W\d_]{2,12} [^\W\d_]{2,12}", text))
        return pair and f'"{pair}"'

    def prefix(self, text, mail, words):
        long = self.any([word for word in words if len(word) > 4])
        return long and long[:4] + "*"

    def part(self, text, mail, words):
        long = self.any([word for word in words if len(word) > 6])
        return long and f"*{long[1:-1]}*"

    def subject(self, text, mail, words):
        word = self.any(WORD.findall(corpus.header(mail["Subject"] or "")))
        return word and f"subject:{word}"

    def both(self, text, mail, words):
        return f"{self.any(words)} {self.any(words)}"

    def without(self, text, mail, words):
        return f"{self.any(words)} -{self.any(words)}"

    def signed(self, text, mail, words):
        return self.any(SIGNED.findall(text))

    def unspaced(self, text, mail, words):
        run = self.any(UNSPACED.findall(text))
        if not run:
            return None
        length = self.random.randint(1, min(4, len(run)))
        start = self.random.randint(0, len(run) - length)
        part = run[start:start + length]
        # A part that begins with a mark is no text of its own.
        return None if unicodedata.category(part[0]).startswith("M") else part

    def header(self, text, mail, words):
        name = self.any([name for name in mail.keys() if name.lower() not in ("received", "delivered-to", "return-path")])
        word = name and self.any(re.findall(r"[A-Za-z0-9]{2,12}", corpus.header(mail[name] or "")))
        return word and f"header:{name.lower()}:{word}"

    def field(self, text, mail, words):
        name = self.any([name for name in mail.keys() if name.lower() not in ("received", "delivered-to", "return-path")])
        return name and f"header:{name.lower()} {self.any(words)}"


def save(client, invention, count):
    """Id of the saved search → its kind and query."""
    saved, refused, queries = {}, collections.Counter(), set()
    for _ in range(count * 20):
        if len(saved) == count:
            break
        made = invention.query()
        if not made or made[1] in queries:
            continue
        queries.add(made[1])
        status, _, body = client.ask("POST", "/v1/searches", {"name": f"{len(queries)}", "query": made[1], "notifies": True})
        if status == 201:
            saved[json.loads(body)["id"]] = made
        else:
            refused[json.loads(body).get("detail", body[:100].decode())[:80]] += 1
    for why, times in refused.items():
        note(f"{client.user}: {times} searches refused: {why}")
    return saved


def announced(client, since):
    """Saved search → the mails that it announced, each as often as it did."""
    found = collections.defaultdict(collections.Counter)
    while True:
        answer, _ = client.get("/v1/events/poll", since=since, timeout=0, limit=500)
        if not answer["events"]:
            return found
        since = answer["seq"]
        for event in answer["events"]:
            if event["type"] == "search.matched":
                for search in event["search_ids"]:
                    found[search][event["id"]] += 1


def ids(client, query):
    return {message["id"] for message in client.search_all(query)[1]}


def deliver(server, address, raws):
    """How many the server took."""
    taken = 0
    smtp = SMTPClient(server.smtp)
    for raw in raws:
        content = re.sub(rb"\r?\n", b"\r\n", raw)
        try:
            smtp.send("sender@example.net", [address], content if content.endswith(b"\r\n") else content + b"\r\n")
            taken += 1
        except Refused as refusal:
            note(f"{address}: refused: {refusal}")
            smtp.close()
            smtp = SMTPClient(server.smtp)
    smtp.close()
    return taken


def compare(client, saved, before, since):
    """Figures of one mailbox: what was announced, and how many searches announced something else than they find."""
    came = ids(client, "in:anywhere") - before
    heard = announced(client, since)
    figures = collections.Counter(searches=len(saved), came=len(came))
    for search, (kind, query) in saved.items():
        found = collections.Counter(ids(client, query) & came)
        figures["announced"] += heard[search].total()
        figures[f"{kind}_announced"] += heard[search].total()
        if heard[search] != found:
            figures["different"] += 1
            if figures["different"] <= SHOWN:
                note(f"{client.user} {query!r}: not announced {sorted(found - heard[search])[:3]}, "
                     f"announced besides {sorted(heard[search] - found)[:3]}")
    return figures


def measure(server, folder, arguments):
    users, totals = corpus.users(folder), collections.Counter()
    mails = {name: list(corpus.mails(folder / name)) for name in users}
    users = {name: address for name, address in users.items() if len(mails[name]) > 2}
    for name, address in users.items():
        server.run("user", "add", address)
        first = Path(server.data + f"-{name}")
        first.mkdir()
        count = len(mails[name]) * 2 // 3
        with open(first / "inbox.mbox", "wb") as mbox:
            for raw in mails[name][:count]:
                mbox.write(b"From x@example.net Thu Jan  1 00:00:00 1970\n" + re.sub(rb"(?m)^(>*From )", rb">\1", raw) + b"\n\n")
        server.run("import", "--user", address, first)
        mails[name] = mails[name][count:]
    server.start()
    for name, address in users.items():
        client, rest = Client(server.http, address), mails[name]
        random.Random(arguments.seed).shuffle(rest)
        rest = rest[:arguments.limit]
        before = ids(client, "in:anywhere")
        since = client.search("", limit=1)["seq"]
        saved = save(client, Invention(rest, arguments.seed), arguments.searches)
        totals["sent"] += deliver(server, address, rest)
        client.settle()
        figures = compare(client, saved, before, since)
        note(f"{name}: {dict(figures)}")
        totals += figures
        client.close()
    server.stop()
    return {"users": len(users), "different": 0} | dict(totals)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    corpus.add_arguments(parser)
    parser.add_argument("--searches", type=int, default=300, help="for each mailbox")
    parser.add_argument("--limit", type=int, default=400, help="mails that come over SMTP to each mailbox")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="maildex-announce-") as work:
        folder = corpus.find(arguments, work)
        server = Server(arguments.binary, Path(work) / "data")
        try:
            figures = measure(server, folder, arguments)
        except Trouble as trouble:
            sys.exit(f"FAILED: {trouble}")
        finally:
            if not server.ended():
                server.kill()
    print(json.dumps(figures), flush=True)
    if figures["different"] or not figures.get("announced") or figures["came"] != figures["sent"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
