#!/usr/bin/env python3
"""Mail for a long time while everything goes wrong: nothing acknowledged is lost, nothing is there twice, and the server lives on.

    bench/rigs/soak.py [--binary maildex] [--minutes 30] [--rate-share 0.8 | --rate N] [--seed N]
                       [--corpus DIR/<user>/<folder>.mbox | --sample]

Mail of the corpus goes over 16 connections to a hundred users at four fifths of the rate that the server and its filters keep up
with (measured first, for 20 s, to the end of processing), or at `--rate`. Meanwhile, by a schedule: kill -9 of the server and a
restart at once; rspamd and clamd (real ones, with next to no rules) killed and started again after 5 to 20 s; the disk, an ext4 image
of its own, filled until a client is refused, held for 10 s, and freed. Without root or loop devices the disk is left out, and a line
says so. Clients try again until they read 250, with the same Message-ID.

At the end the queue must become empty by itself. Every mailbox is listed and searched and compared with the ledger, and `maildex
verify` must be clean. One JSON line; exit code 1 when a promise was broken. Copies are counted for each recipient:

  lost        acknowledged, and neither in the mailbox nor in the error queue
  doubled     there more often than it was acknowledged or left open
  foreign     there, and nobody sent it there
  ambiguous   there for a try that was left open: its content was on the way when the connection broke. SMTP allows it
              (RFC 5321 §4.1.1.4, RFC 1047)
  held        in the error queue, with a reason. A mail over which the server is killed again and again goes there (docs/queue.md)
  broken      all kinds of broken promises: those above; search_differs (search and folders disagree), raw_wrong (bytes),
              stuck (queue), stays_full (no recovery from a full disk), died, refused (5yz), verify, memory_grows, files_grow, nothing (acknowledged,
              killed or filled: the soak was none), many_held (over one in a hundred)

`after_full_s` is how long after each full disk the first mail was accepted, and until all mail from before was processed, without a
restart. Mail that was tried often by then waits for its next turn (queue.retry_longest, 300 s), and
mail that was with a filter when it died for ten seconds. The load is halved after 60 s
and nearly stopped after 150, so that only a server that is stuck takes 400.

`ack_ms` is the time from the end of a content to its 250. `rss_mb` and `files` are sampled each second; `first` and `last` are medians
of the most that the server had in each life, over the first and the last third of its lives. More than half as much again (and 100 MB,
50 files) is growth, from nine lives on.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
import filters  # noqa: E402
import small_disk  # noqa: E402
from server import BINARY, Client, Server, Trouble, note  # noqa: E402
from soak_ledger import SoakLedger  # noqa: E402
from soak_load import COMMON_WORD, Contents, Load  # noqa: E402
from soak_troubles import Troubles, metric  # noqa: E402

SHOWN = 20
SAMPLE = 500  # mails whose own word is searched and whose bytes are compared
LIVES = 9  # of the server, without which nothing is said of growth
DISK_SIZE = 24 << 30  # nominal


class Operator(Client):
    """Sees the error queue."""

    def held(self, ledger, users):
        """For each user the numbers of held mails, counted; and the reasons."""
        held, reasons = [collections.Counter() for _ in users], collections.Counter()
        places = {address: index for index, address in enumerate(users)}
        for mail in self.list_all("/admin/v1/queues/error/messages"):
            raw = self.ask("GET", f"/admin/v1/queues/error/messages/{mail['id']}/raw")[2]
            number = ledger.number(raw.partition(b"\r\n")[0].decode(errors="replace").partition(":")[2].strip())
            reasons[mail["reason"]] += 1
            for address in mail["to"]:
                held[places[address]][number] += 1
        return held, reasons

    def ask(self, method, path, body=None):
        self.connection.request(method, path, body, {"X-Maildex-Operator": "true"})
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()


class Sampler(threading.Thread):
    """The most memory (MB) and open files of each life of the server."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.lives, self.done = server, {}, threading.Event()

    def run(self):
        while not self.done.wait(1):
            try:
                pid = self.server.process.pid
                rss, files = self.server.memory("VmRSS"), len(os.listdir(f"/proc/{pid}/fd"))
            except (OSError, TypeError):  # It is gone just now.
                continue
            before = self.lives.get(pid, (0, 0))
            self.lives[pid] = (max(before[0], rss), max(before[1], files))

    def figures(self, which):
        values = [life[which] for life in self.lives.values()] or [0]
        third = max(1, len(values) // 3)
        return {"first": round(statistics.median(values[:third])), "last": round(statistics.median(values[-third:])),
                "max": round(max(values))}


class Soak:
    def __init__(self, arguments, work):
        self.arguments, self.work = arguments, Path(work)
        self.broken = collections.Counter()
        generator = random.Random(arguments.seed)
        self.ledger = SoakLedger(arguments.seed)
        folder = corpus.find(arguments, work)
        own = list(corpus.users(folder).values())
        self.users = own + [f"user{n}@{corpus.DOMAIN}" for n in range(arguments.users - len(own))]
        contents = Contents(folder, arguments.limit)
        note(f"{len(contents.mails)} mails of the corpus")
        self.filters = {} if arguments.no_filters else {
            kind.name: kind(self.work / kind.name) for kind in (filters.Rspamd, filters.Clamd)}
        self.disk, reason = (None, "--no-disk") if arguments.no_disk else small_disk.make(self.work, DISK_SIZE)
        if reason:
            note(f"the disk is NOT filled: {reason}")
        settings = self.work / "maildex.yaml"
        settings.write_text(filters.settings(*self.filters.values()) if self.filters else "{}\n")
        self.server = Server(arguments.binary, (self.disk.path if self.disk else self.work) / "data",
                             MAILDEX_CONFIG=str(settings))
        # Elsewhere than on the disk that is filled.
        self.server.log.close()
        Path(self.server.log.name).unlink()
        self.server.log = open(self.work / "server.log", "ab")
        self.load = Load(lambda: self.troubles.address, self.users, contents, self.ledger, arguments.seed)
        self.troubles = Troubles(self.server, self.filters, self.disk, self.load, arguments.outage, generator,
                                 self.complain)
        self.sampler = Sampler(self.server)
        self.counts = collections.Counter()
        self.held_reasons = collections.Counter()

    def complain(self, kind, message):
        self.broken[kind] += 1
        if self.broken[kind] <= SHOWN:
            note(f"BROKEN ({kind}): {message}")

    def prepare(self):
        for each in self.filters.values():
            each.start()
        for address in self.users:
            self.server.run("user", "add", address)
        self.troubles.serve()
        self.sampler.start()

    def sustained_rate(self, seconds):
        """Mails a second: what is accepted without a limit, by the time until all of it is processed."""
        began = time.monotonic()
        self.load.start(self.arguments.connections)
        time.sleep(seconds)
        self.load.stop()
        accepted = self.ledger.acknowledged_count()
        self.wait_for_empty_queue()
        rate = accepted / (time.monotonic() - began)
        note(f"{accepted / seconds:.0f} mails/s accepted, {rate:.0f} mails/s processed")
        return rate

    def wait_for_empty_queue(self):
        """Seconds that it took; without a restart or an operator."""
        began = last = time.monotonic()
        while depth := metric(self.server.http, "maildex_queue_depth"):
            now = time.monotonic()
            if now - began > self.arguments.patience:
                self.complain("stuck", f"{depth:.0f} mails are in the queue after {now - began:.0f} s")
                break
            if now - last > 30:
                note(f"{depth:.0f} mails are in the queue")
                last = now
            time.sleep(0.2)
        return time.monotonic() - began

    def run(self):
        arguments = self.arguments
        self.prepare()
        maximum = None if arguments.rate else self.sustained_rate(arguments.measure_seconds)
        self.load.rate = arguments.rate or maximum * arguments.rate_share
        note(f"{self.load.rate:.0f} mails/s for {arguments.minutes} minutes")
        self.load.latencies = type(self.load.latencies)("f")
        began, before = time.monotonic(), self.ledger.acknowledged_count()
        self.load.start(arguments.connections)
        self.troubles.schedule(arguments.minutes * 60, arguments.kill_every, arguments.filter_every, arguments.fill_every)
        self.load.stop()
        for reply in self.load.rejected:
            self.complain("refused", reply)
        if self.ledger.acknowledged_count() == before:
            self.complain("nothing", "no mail was acknowledged")
        if not self.troubles.kills:
            self.complain("nothing", "the server was never killed")
        if self.disk and arguments.minutes >= 2 and not self.troubles.disk_full_episodes:
            self.complain("nothing", "no client ever heard of a full disk")
        seconds = time.monotonic() - began
        drain = self.wait_for_empty_queue()
        note(f"the queue was empty after {drain:.0f} s")
        self.sampler.done.set()
        acknowledged = self.ledger.acknowledged_count()
        self.judge()
        self.verify()
        return self.figures(maximum, seconds, (acknowledged - before) / seconds, drain)

    # Judgement

    def judge(self):
        operator = Operator(self.server.http, "")
        held, self.held_reasons = operator.held(self.ledger, self.users)
        operator.close()
        shares = self.ledger.shares(len(self.users))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for counts in pool.map(lambda user: self.judge_mailbox(user, shares[user], held[user]), range(len(self.users))):
                self.counts.update(counts)
        if sum(len(mails) for mails in held) > self.ledger.acknowledged_count() // 100:
            self.complain("many_held", f"{self.held_reasons}")

    def judge_mailbox(self, user, share, held):
        client = Client(self.server.http, self.users[user])
        try:
            client.settle()
            listed = self.numbers(message for folder in client.get("/v1/folders")[0]
                                  for message in client.list_all(f"/v1/folders/{folder['id']}/messages"))
            total, messages = client.search_all(f"{COMMON_WORD} in:anywhere")
            found = self.numbers(messages)
            if total != len(messages) or found != listed:
                self.complain("search_differs", f"{self.users[user]}: search says {total} and finds {len(messages)}, folders have "
                                                f"{sum(listed.values())}")
            generator = random.Random(user)
            for number in generator.sample(share, min(len(share), SAMPLE // len(self.users) + 1)):
                self.judge_one(client, number, listed[number])
            return self.ledger.judge(share, found, held, lambda kind, message: self.complain(
                kind, f"{self.users[user]}: {message}"))
        finally:
            client.close()

    def numbers(self, messages):
        numbers = collections.Counter()
        for message in messages:
            number = self.ledger.number(message["message_id"] or "")
            if number is None:
                self.complain("foreign", f"{message['message_id']!r} is in a mailbox, and nobody sent it")
            else:
                numbers[number] += 1
        return numbers

    def judge_one(self, client, number, copies):
        hits = client.search(f"{self.ledger.token(number)} in:anywhere", limit=10)["hits"]
        if len(hits) != copies:
            self.complain("search_differs", f"{self.ledger.token(number)} is found {len(hits)} times and listed {copies} times")
        for hit in hits:
            status, _, raw = client.ask("GET", f"/v1/messages/{hit['message']['id']}/raw")
            if status != 200 or not raw.endswith(self.load.contents.content(number, self.ledger)):
                self.complain("raw_wrong", f"{self.ledger.token(number)}: {status}, {raw[:300]!r}")

    def verify(self):
        self.problems = 0
        for when in ("beside the server", "alone"):
            printed = self.server.run("verify", codes=(0, 1))
            if not printed.rstrip().endswith("problems=0"):
                self.problems += 1
                self.complain("verify", f"maildex verify {when}: {printed[-2000:]}")
            if when == "beside the server":
                self.server.stop()

    def figures(self, maximum, seconds, rate, drain):
        for which, kind, least in ((0, "memory_grows", 100), (1, "files_grow", 50)):
            figure = self.sampler.figures(which)
            if len(self.sampler.lives) >= LIVES and figure["last"] > 1.5 * figure["first"] + least:
                self.complain(kind, f"{figure}")
        ordered = sorted(self.load.latencies) or [0]
        return {
            "minutes": round(seconds / 60, 1), "max_s": maximum and round(maximum), "acknowledged_s": round(rate),
            "sent": len(self.ledger.recipients), "acknowledged": self.ledger.acknowledged_count(),
            "retried": self.ledger.retried, **{kind: self.broken[kind] for kind in ("lost", "doubled", "foreign")},
            "ambiguous": self.counts["ambiguous"], "held": self.counts["held"],
            "held_reasons": dict(self.held_reasons.most_common(5)), "kills": self.troubles.kills,
            "filter_outages": self.troubles.filter_outages, "disk_full_episodes": self.troubles.disk_full_episodes,
            "after_full_s": self.troubles.after_full_s, "drained_s": round(drain), "refused": dict(self.load.refused),
            "ack_ms": {name: round(ordered[int(len(ordered) * share)], 1) for name, share in (("p50", 0.5), ("p99", 0.99))},
            "ready_ms": {"p50": round(statistics.median(self.troubles.ready_ms)), "max": round(max(self.troubles.ready_ms))},
            "rss_mb": self.sampler.figures(0), "files": self.sampler.figures(1), "verify_problems": self.problems,
            "broken": dict(self.broken), "seed": self.arguments.seed}

    def close(self):
        self.load.stopping.set()
        if not self.server.ended():
            self.server.kill()
        for each in self.filters.values():
            each.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    corpus.add_arguments(parser)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate-share", type=float, default=0.8, help="of what is kept up with")
    parser.add_argument("--rate", type=float, default=0, help="mails a second; nothing is measured first")
    parser.add_argument("--measure-seconds", type=float, default=20)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--users", type=int, default=100)
    parser.add_argument("--limit", type=int, default=20000, help="mails of the corpus that are sent over and over")
    parser.add_argument("--kill-every", type=float, default=60, help="seconds")
    parser.add_argument("--filter-every", type=float, default=150, help="seconds; rspamd and clamd take turns")
    parser.add_argument("--outage", type=float, default=20, help="seconds that a filter is away at most; a quarter of it at least")
    parser.add_argument("--fill-every", type=float, default=240, help="seconds")
    parser.add_argument("--patience", type=float, default=900, help="seconds for the queue to become empty")
    parser.add_argument("--no-filters", action="store_true", help="the built-in one alone")
    parser.add_argument("--no-disk", action="store_true", help="the disk is not filled")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    arguments = parser.parse_args()
    note(f"seed {arguments.seed}")
    # What it started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    # Short, for there are sockets in it.
    work = Path(tempfile.mkdtemp(prefix="mdxsoak-"))
    soak, clean = None, False
    try:
        soak = Soak(arguments, work)
        print(json.dumps(soak.run()), flush=True)
        clean = not soak.broken
    except (Trouble, OSError) as trouble:
        note(f"FAILED: {trouble}\nseed {arguments.seed}")
    finally:
        if soak:
            soak.close()
        if clean:
            if soak.disk:
                soak.disk.close()
            shutil.rmtree(work, ignore_errors=True)
        else:
            note(f"kept for a look (umount {work}/disk before removing it): {work}")
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
