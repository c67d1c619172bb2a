#!/usr/bin/env python3
"""kill -9 under load, again and again, and every promise checked against a ledger.

    bench/rigs/crash_rounds.py [--binary maildex] [--rounds 50] [--seed N] [--data DIR]

Each round: threads send mail over SMTP (some to many, some with an attachment, some spooled) and change it over HTTP
(read, star, move, trash, delete for good); at a random moment the server is killed and started again, sometimes killed
once more while it recovers. Then every mailbox is listed and compared with the ledger: what was acknowledged holds, what
was in flight holds or does not, nothing is there twice. At the end `maildex verify` must be clean and folder counts equal
recounts. Prints one JSON line; exit code 1 when a promise was broken.
"""
import argparse
import base64
import collections
import contextlib
import http.client
import json
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.dont_write_bytecode = True
from ledger import Ledger, Mail, State  # noqa: E402
from server import BINARY, Client, Refused, Server, SMTPClient, Trouble, in_threads, note  # noqa: E402

USERS = [f"{name}@example.com" for name in ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi")]
BROKEN_CONNECTION = (OSError, http.client.HTTPException)
TRACE = re.compile(rb"Return-Path: <[^\r\n]*>\r\nReceived: [^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")
SHOWN_PROBLEMS = 20


def content(token, generator, attachments):
    """A mail that no other has: small, spooled for its length, or with an attachment that others have as well."""
    head = (f"From: Rig <rig@example.net>\r\nTo: undisclosed-recipients:;\r\nSubject: Crash {token}\r\n"
            f"Message-ID: <{token}@rig.example.net>\r\nMIME-Version: 1.0\r\n").encode()
    text = f"The token is {token}.\r\n.A line with a dot.\r\n\r\nFrom here on: 회의록 café {token}x\r\n".encode()
    kind = generator.random()
    if kind < 0.10:
        encoded = base64.encodebytes(generator.choice(attachments)).replace(b"\n", b"\r\n")
        return (head + b"Content-Type: multipart/mixed; boundary=edge\r\n\r\n--edge\r\n"
                b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text +
                b"--edge\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
                b"Content-Disposition: attachment; filename=blob.bin\r\n\r\n" + encoded + b"--edge--\r\n")
    filler = b"".join(b"Line %d of a long mail that says little.\r\n" % n for n in range(600 if kind < 0.15 else 5))
    return head + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text + filler


class Rig:
    def __init__(self, server, seed):
        self.server = server
        self.seed = seed
        self.generator = random.Random(seed)
        self.attachments = [self.generator.randbytes(40 << 10) for _ in range(5)]
        self.ledger = Ledger()
        self.folders = {}  # user → {role or name: id}
        self.broken = collections.Counter()
        self.killed = threading.Event()
        self.current_round = 0

    def violation(self, kind, message):
        self.broken[kind] += 1
        if sum(self.broken.values()) <= SHOWN_PROBLEMS:
            note(f"BROKEN ({kind}): {message}")

    @contextlib.contextmanager
    def client(self, user):
        client = Client(self.server.http, user)
        try:
            yield client
        finally:
            client.close()

    def prepare(self):
        for user in USERS:
            self.server.run("user", "add", user)
        self.server.start()
        for user in USERS:
            with self.client(user) as client:
                for name in ("Keep", "보관"):
                    status, _, body = client.ask("POST", "/v1/folders", {"name": name})
                    if status != 201:
                        raise Trouble(f"POST /v1/folders answers {status}: {body[:500]!r}")
                self.folders[user] = {folder["role"] or folder["name"]: folder["id"] for folder in client.get("/v1/folders")[0]}

    # Load

    def send_mail(self, round, number, seed, limit):
        """A sender's thread: one mail after another until the server is gone."""
        generator = random.Random(seed)
        inboxes = {user: self.folders[user]["inbox"] for user in USERS}
        with contextlib.suppress(*BROKEN_CONNECTION):
            client = SMTPClient(self.server.smtp)
            try:
                for serial in range(limit):
                    token = f"tk{self.seed % 9973}r{round}s{number}n{serial}"
                    many = generator.random() < 0.2
                    recipients = generator.sample(USERS, generator.randint(2, 5) if many else 1)
                    mail = Mail(token, round, recipients, content(token, generator, self.attachments), inboxes)
                    self.ledger.begin(mail)
                    client.send("rig@example.net", recipients, mail.content)
                    self.ledger.acknowledge(mail)
            except Refused as refused:
                if not self.killed.is_set():
                    self.violation("refused", f"SMTP said: {refused}")
            finally:
                client.close()

    def change_mail(self, seed):
        """A reader's thread: changes one message after another until the server is gone."""
        generator = random.Random(seed)
        clients = {user: Client(self.server.http, user) for user in USERS}
        try:
            while not self.killed.is_set():
                copy = self.ledger.take(generator)
                if copy is None:
                    self.killed.wait(0.005)
                    continue
                try:
                    self.change(copy, clients[copy.user], generator)
                except BROKEN_CONNECTION:
                    if not self.killed.is_set() and not self.server.ended():
                        raise
                    return
                finally:
                    self.ledger.put_back(copy)
        finally:
            for client in clients.values():
                client.close()

    def change(self, copy, client, generator):
        if copy.id is None and not self.find(copy, client):
            return
        path, state = f"/v1/messages/{copy.id}", copy.state
        folders = self.folders[copy.user]
        choice = generator.random()
        if choice < 0.35:
            request, following = ("PATCH", path, {"is_read": not state.is_read}), \
                State(state.folder, not state.is_read, state.is_starred)
        elif choice < 0.55:
            request, following = ("PATCH", path, {"is_starred": not state.is_starred}), \
                State(state.folder, state.is_read, not state.is_starred)
        elif choice < 0.75:
            folder = folders[generator.choice(["archive", "Keep", "보관", "inbox", "spam"])]
            request, following = ("PATCH", path, {"folder_id": folder}), State(folder, state.is_read, state.is_starred)
        elif choice < 0.85:
            request, following = ("DELETE", path), State(folders["trash"], state.is_read, state.is_starred)
        else:
            request, following = ("DELETE", path + "?permanent=true"), \
                State(state.folder, state.is_read, state.is_starred, alive=False)
        self.ledger.request(copy, following)
        status, _, body = client.ask(*request)
        if 200 <= status < 300:
            self.ledger.answer(copy)
        elif not self.killed.is_set():
            self.violation("refused", f"{request[0]} {request[1]} of {copy.user} answers {status}: {body[:200]!r}")

    def find(self, copy, client):
        """Looks an acknowledged mail up for the first time: it must be there, once."""
        answer = client.search(f"{copy.mail.token} in:anywhere", limit=10)
        if answer["total"] == 1:
            copy.id = answer["hits"][0]["message"]["id"]
            return True
        if answer["total"] == 0 and answer["pending"]:
            return False  # said to be on its way, which is allowed
        if not self.killed.is_set():
            self.violation("unseen" if answer["total"] == 0 else "doubled",
                           f"{copy.mail.token} of {copy.user} is found {answer['total']} times under load")
        return False

    def round(self, number, senders, limit):
        """Load, and kill -9 in the middle of it."""
        self.killed.clear()
        seeds = [self.generator.getrandbits(64) for _ in range(senders + 3)]
        moment = self.generator.uniform(0.3, 2.0)
        reindexes = self.generator.random() < 0.2

        def kill():
            deadline = time.monotonic() + moment
            command = None
            if reindexes:
                command = subprocess.Popen(
                    [self.server.binary, "reindex", "--all", "--data", self.server.data], stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            while time.monotonic() < deadline and not self.server.ended():
                time.sleep(0.002)
            if self.server.ended():
                self.violation("died", f"serve ended by itself with {self.server.process.returncode}")
            self.killed.set()
            self.server.kill()
            if command:
                command.wait()

        in_threads([kill, *(lambda n=n: self.send_mail(number, n, seeds[n], limit) for n in range(senders)),
                    *(lambda seed=seed: self.change_mail(seed) for seed in seeds[senders:])])

    def recover(self):
        """Starts the server, in some rounds after another kill while it recovers; milliseconds until it is ready."""
        while self.generator.random() < 0.2:
            self.server.spawn()
            time.sleep(self.generator.uniform(0.0, 0.15))
            self.server.kill()
        return self.server.start()

    # Judgement

    def verify(self, number):
        """Every mailbox against the ledger; what was in flight is known from here on."""
        in_threads([lambda user=user: self.verify_mailbox(user, number) for user in USERS])
        for mail in self.ledger.mails.values():
            if not mail.acknowledged and mail.round == number:
                there = [copy.user for copy in mail.copies if copy.promised]
                if there and len(there) < len(mail.copies):
                    self.violation("torn", f"{mail.token} was not acknowledged, and only {there} have it")
        self.ledger.refill()

    def verify_mailbox(self, user, number):
        with self.client(user) as client:
            client.settle()
            total, messages = client.search_all("in:anywhere")
            if total != len(messages):
                self.violation("counts_wrong", f"{user}: total {total}, {len(messages)} hits over all pages")
            found = collections.defaultdict(list)
            for message in messages:
                found[(message["message_id"] or "").strip("<>")].append(message)
            copies = self.ledger.copies_of(user)
            known = {copy.mail.message_id for copy in copies}
            for message_id in found.keys() - known:
                self.violation("doubled", f"{user} has {message_id!r}, which nobody sent there")
            for copy in copies:
                self.judge(copy, found.get(copy.mail.message_id, []))
            recent = [copy for copy in copies if copy.mail.round == number]
            for copy in recent:
                self.judge_token(copy, client)
            older = [copy for copy in copies if copy.mail.round != number]
            for copy in self.sample(recent, 25) + self.sample(older, 10):
                self.judge_original(copy, client)

    def sample(self, copies, count):
        copies = [copy for copy in copies if copy.promised and copy.state.alive]
        return random.Random(len(copies)).sample(copies, min(count, len(copies)))

    def judge(self, copy, messages):
        name = f"{copy.mail.token} of {copy.user}"
        if len(messages) > 1:
            self.violation("doubled", f"{name} is there {len(messages)} times")
        if not messages:
            dead = [state for state in copy.possible_states() if not state.alive]
            if dead:
                self.ledger.resolve(copy, dead[0])
            elif copy.promised:
                self.violation("lost", f"{name} was acknowledged and is not there")
                copy.promised = False  # said once
            return
        message = messages[0]
        state = State(message["folder_id"], message["is_read"], message["is_starred"])
        if not copy.promised and copy.mail.round < self.current_round:
            self.violation("resurrected", f"{name} was not there after an earlier restart")
        elif not any(possible.alive for possible in copy.possible_states()):
            self.violation("resurrected", f"{name} was deleted for good and is there")
            return
        elif state not in copy.possible_states():
            self.violation("flags_wrong", f"{name} is {state}, expected {' or '.join(map(str, copy.possible_states()))}")
        if copy.id is not None and copy.id != message["id"]:
            self.violation("doubled", f"{name} has another id than before: {message['id']} instead of {copy.id}")
        copy.id = message["id"]
        self.ledger.resolve(copy, state)

    def judge_token(self, copy, client):
        """The index alone: the token, by search."""
        total = client.search(f"{copy.mail.token} in:anywhere", limit=1)["total"]
        expected = int(copy.promised and copy.state.alive)
        if total != expected:
            kind = "lost" if total < expected else "doubled" if expected else "resurrected"
            self.violation(kind, f"{copy.mail.token} of {copy.user} is found {total} times instead of {expected}")

    def judge_original(self, copy, client):
        status, _, raw = client.ask("GET", f"/v1/messages/{copy.id}/raw")
        trace = TRACE.match(raw)
        if status != 200 or not trace or raw[trace.end():] != copy.mail.content:
            self.violation("raw_wrong", f"{copy.mail.token} of {copy.user}: {status}, {raw[:300]!r}")

    def verify_counts(self):
        """Folder counts against the folders' own lists and against search."""
        for user in USERS:
            with self.client(user) as client:
                for folder in client.get("/v1/folders")[0]:
                    path = f"/v1/folders/{folder['id']}/messages"
                    every = {message["id"] for message in client.list_all(path)}
                    unread = {message["id"] for message in client.list_all(path, is_read="false")}
                    expected = [copy for copy in self.ledger.copies_of(user)
                                if copy.promised and copy.state.alive and copy.state.folder == folder["id"]]
                    unread_expected = sum(not copy.state.is_read for copy in expected)
                    if not folder["total"] == len(every) == len(expected):
                        self.violation("counts_wrong", f"{user} {folder['name']}: total {folder['total']}, listed "
                                                       f"{len(every)}, expected {len(expected)}")
                    if not folder["unread"] == len(unread) == unread_expected:
                        self.violation("counts_wrong", f"{user} {folder['name']}: unread {folder['unread']}, listed "
                                                       f"{len(unread)}, expected {unread_expected}")

    def run(self, rounds, senders, limit, deadline):
        recoveries = []
        done = 0
        for number in range(rounds):
            if time.monotonic() > deadline:
                note(f"out of time after {done} rounds")
                break
            before = self.ledger.acknowledged
            self.current_round = number
            self.round(number, senders, limit)
            recoveries.append(self.recover())
            began = time.monotonic()
            self.verify(number)
            done += 1
            note(f"round {number}: {self.ledger.acknowledged - before} acknowledged, {self.ledger.changes} changes so far, "
                 f"ready after {recoveries[-1]:.0f} ms, verified in {time.monotonic() - began:.1f} s, "
                 f"{sum(self.broken.values())} broken")
        self.verify_counts()
        for when in ("beside the server", "alone"):
            printed = self.server.run("verify", codes=(0, 1))
            if not printed.rstrip().endswith("problems=0"):
                self.violation("verify", f"maildex verify {when}: {printed[-2000:]}")
            if when == "beside the server":
                self.server.stop()
        return done, recoveries


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None, help="of the moments and choices; printed, random by default")
    parser.add_argument("--senders", type=int, default=6)
    parser.add_argument("--mails", type=int, default=400, help="the most that one sender sends in a round")
    parser.add_argument("--seconds", type=float, default=1800, help="no further round begins after so many")
    parser.add_argument("--data", type=Path, default=None, help="kept afterwards; by default a temporary directory")
    arguments = parser.parse_args()
    seed = random.SystemRandom().getrandbits(32) if arguments.seed is None else arguments.seed
    note(f"seed {seed}")
    folder = Path(tempfile.mkdtemp(prefix="maildex-crash-"))
    server = Server(arguments.binary, arguments.data or folder / "data")
    rig = Rig(server, seed)
    clean = False
    try:
        rig.prepare()
        done, recoveries = rig.run(arguments.rounds, arguments.senders, arguments.mails, time.monotonic() + arguments.seconds)
        figures = {
            "rounds": done, "acknowledged": rig.ledger.acknowledged, "changes": rig.ledger.changes,
            "deletions": rig.ledger.deletions,
            **{kind: rig.broken[kind] for kind in ("lost", "doubled", "resurrected", "flags_wrong")},
            "other": {kind: count for kind, count in rig.broken.items()
                      if kind not in ("lost", "doubled", "resurrected", "flags_wrong")},
            "recovery_ms": {"p50": round(statistics.median(recoveries)), "max": round(max(recoveries))}, "seed": seed,
        }
        print(json.dumps(figures), flush=True)
        clean = done == arguments.rounds and not rig.broken
    except Trouble as trouble:
        note(f"FAILED: {trouble}\nseed {seed}")
    finally:
        if not server.ended():
            server.kill()
        if clean or arguments.data:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            note(f"kept for a look: {folder}")
    sys.exit(0 if clean else 1)


if __name__ == "__main__":
    main()
