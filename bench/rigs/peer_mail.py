"""Mails that the peers hand in, and the ledger of who must have them."""
import base64
import collections
import random
import re
import subprocess
from email.message import EmailMessage
from pathlib import Path

import corpus
import wire_corpus
from server import ROOT, Client, Trouble

SEED = 2033
# The field that Postfix or OpenSMTPD puts before a mail, and what OpenSMTPD's mail.lmtp puts before that.
RELAY_TRACE = re.compile(
    rb"\A(?:Return-Path: <[^\r\n]*>\r\nDelivered-To: [^\r\n]*\r\n)?Received: from [^\r\n]*\r\n\tby \S+ \((?:Postfix|OpenSMTPD)\)"
    rb" with \S+ id (\w+)(?:\r\n\tfor <[^\r\n]*>)?;(?: |\r\n\t)[^\r\n]*\r\n")
# message_drop_headers of Postfix.
DROPPED = re.compile(rb"(?im)^(?:Bcc|Resent-Bcc|Content-Length|Return-Path):[^\n]*\n(?:[ \t][^\n]*\n)*")

FIELD = re.compile(rb"[!-9;-~]+[ \t]*:|[ \t]")


def expect(condition, message):
    if not condition:
        raise Trouble(message)


def plain(subject, length=0):
    generator = random.Random(f"{SEED} {subject}")
    lines = [" ".join(generator.choice(("kelp", "tide", "gauge", "harbour", "lantern")) for _ in range(10)) for _ in range(length // 64)]
    text = "\r\n".join([".", "A line of one dot stands before this one.", *lines])
    return (f"From: Dan <dan@example.net>\r\nTo: undisclosed-recipients:;\r\nSubject: {subject}\r\n"
            f"Date: Fri, 02 Jan 2026 10:11:12 +0000\r\nMessage-ID: <{subject.replace(' ', '.')}@example.net>\r\n\r\n{text}\r\n").encode()


def utf8():
    """A header in UTF-8 (RFC 6532), and a body of eight bits."""
    return ("From: Jürgen <jürgen@bücher.example>\r\nTo: Jörg <jörg@example.com>\r\nSubject: 회의 und Grüße\r\n"
            "Date: Fri, 02 Jan 2026 10:11:12 +0000\r\nMessage-ID: <grüße@bücher.example>\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nSchöne Grüße, 東京。\r\n").encode()


def eicar():
    """The test file that every scanner knows; in two halves here, so that none takes this file for it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "bob@example.com", "alice@example.com", "A test file"
    message["Message-ID"], message["Date"] = "<eicar@example.com>", "Fri, 02 Jan 2026 10:11:12 +0000"
    message.set_content("See what is attached.")
    content = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD" + rb"-ANTIVIRUS-TEST-FILE!$H+H*"
    message.add_attachment(content, maintype="application", subtype="octet-stream", filename="test.com")
    return wire_corpus.on_the_wire(message.as_bytes())


def attachment(length):
    """Bytes that nothing makes shorter."""
    content = base64.encodebytes(random.Random(SEED).randbytes(length))
    return wire_corpus.on_the_wire(
        b"From: program@example.net\nTo: undisclosed-recipients:;\nSubject: To everybody\nMessage-ID: <everybody@example.net>\n"
        b"Date: Fri, 02 Jan 2026 10:11:12 +0000\nMIME-Version: 1.0\nContent-Type: application/octet-stream\n"
        b"Content-Transfer-Encoding: base64\n\n" + content)


def sample():
    """(user, mail) of the whole sample mailbox."""
    for user in sorted((ROOT / "Fixtures" / "Mailbox").glob("*@*")):
        for raw in corpus.mails(user):
            yield user.name, wire_corpus.on_the_wire(raw)


def stored_bytes(data):
    """Bytes of packs and receive log that hold something: their files are laid out ahead, and zero where nothing was written yet."""
    nothing, count = bytes(4096), 0
    for path in [path for name in ("receive", "blobs") for path in (Path(data) / name).rglob("*") if path.is_file()]:
        with path.open("rb") as file:
            while page := file.read(len(nothing)):
                count += len(page) if page != nothing[:len(page)] else 0
    return count


def certificate(folder):
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mx.example.com", "-addext",
                    "subjectAltName=DNS:mx.example.com", "-keyout", key, "-out", certificate], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return certificate, key


def by_postfix(content):
    """A mail as Postfix hands it on, but for its Received field: some fields gone, the header ended where a line is no field, and
    each CR alone a space."""
    content = re.sub(rb"\r(?!\n)", b" ", content)
    end, rest = 0, b""
    for line in content.splitlines(keepends=True):
        if not FIELD.match(line):
            rest = content[end:] if line == b"\r\n" else b"\r\n" + content[end:]
            break
        end += len(line)
    return DROPPED.sub(b"", content[:end]) + rest


def without_relay(content):
    """The queue id that Postfix or OpenSMTPD gave a mail, and the mail without what they put before it."""
    match = RELAY_TRACE.match(content)
    return (match[1].decode(), content[match.end():]) if match else (None, content)


class Ledger:
    """Who must have what. A mail is known by the queue id that the server before Maildex gave it, which stands in its Received field."""

    def __init__(self, maildex):
        self.maildex = maildex
        self.copies = {}  # (recipient, queue id) → content

    def expect(self, number, recipients, content):
        content = by_postfix(content)
        self.copies.update({(recipient, number): content for recipient in recipients})

    def only(self, users):
        """Leaves the copies of others to another check."""
        self.copies = {key: content for key, content in self.copies.items() if key[0] in users}

    def messages(self, user):
        client = Client(self.maildex.http, user)
        try:
            client.settle()
            return client.search_all("in:anywhere")[1]
        finally:
            client.close()

    def numbered(self, user):
        """(Maildex's number, the mail without Maildex's trace fields), of every mail of a user."""
        messages, client = self.messages(user), Client(self.maildex.http, user)
        try:
            for message in messages:
                status, _, raw = client.ask("GET", f"/v1/messages/{message['id']}/raw")
                expect(status == 200, f"the original of {message['id']} answers {status}")
                yield wire_corpus.untraced(raw)
        finally:
            client.close()

    def originals(self, user):
        return (content for _, content in self.numbered(user))

    def numbers(self, user):
        """Postfix's queue ids of what a user has."""
        return {without_relay(original)[0] for original in self.originals(user)}

    def total(self, user, query):
        client = Client(self.maildex.http, user)
        try:
            client.settle()
            return client.search(query, limit=1)["total"]
        finally:
            client.close()

    def check(self):
        """Everything that was expected since the last check is there, once, and as it was sent."""
        for user in sorted({user for user, _ in self.copies}):
            seen = collections.Counter()
            for original in self.originals(user):
                number, content = without_relay(original)
                if (user, number) not in self.copies:
                    continue
                seen[number] += 1
                wanted = self.copies[user, number]
                expect(content == wanted, f"{number} came to {user} changed:\n{difference(wanted, content)}")
            wrong = {number: seen[number] for owner, number in self.copies if owner == user and seen[number] != 1}
            expect(not wrong, f"mails of {user} that are not there once: {wrong}")
        self.copies = {}

    def count(self, user):
        return len(self.messages(user))

    def message_ids(self, user):
        """Message-ID → how often the user has it."""
        return collections.Counter((message["message_id"] or "").strip("<>") for message in self.messages(user))

    def reports(self, user, *words):
        """How many delivery status notifications of a user have all the words."""
        return sum(b"message/delivery-status" in raw and all(word.encode() in raw for word in words) for raw in self.originals(user))


def difference(wanted, got):
    place = next((place for place, pair in enumerate(zip(wanted, got)) if pair[0] != pair[1]), min(len(wanted), len(got)))
    beginning = max(0, place - 100)
    return f"  at {place} of {len(wanted)} bytes\n  sent {wanted[beginning:place + 100]!r}\n  came {got[beginning:place + 100]!r}"
