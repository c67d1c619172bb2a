"""Maildex behind a Postfix of its own, both as the page configures them, and the programs that hand in mail."""
import http.client
import json
import os
import re
import socket
import subprocess

import peer_mail
from pages import block
from peer_mail import Ledger, expect
from postfix import Postfix
from server import PATIENCE, Server

LOAD, SESSIONS = 500, 20
MAIN, SETTINGS = "# /etc/postfix/main.cf", "# /etc/maildex/maildex.yaml"
USERS = ["alice@example.com", "bob@example.com", "carol@example.org", "load@example.com", "burst@example.com", "crash@example.com",
         "small@example.com", "direct@example.com", "jörg@example.com"]


class Maildex(Server):
    """With a configuration file, and the umask of the page."""

    def __init__(self, binary, folder):
        self.configuration = folder / "maildex.yaml"
        certificate, key = peer_mail.certificate(folder)
        super().__init__(
            binary, folder / "data", MAILDEX_CONFIG=str(self.configuration), MAILDEX_SMTP_TLS_CERTIFICATE=str(certificate),
            MAILDEX_SMTP_TLS_KEY=str(key), MAILDEX_SEARCH_WAIT_FOR_QUEUE="20000", MAILDEX_SEARCH_DEADLINE="40000")
        self.documented = ""

    def configure(self, documented, small_quota=20_000):
        self.documented = documented
        self.configuration.write_text(
            f"{documented}\npolicy:\n  recipients:\n    aliases: {{ sales@example.com: [alice@example.com] }}\n"
            f"  quota:\n    users: {{ small@example.com: {small_quota} }}\n")

    def add_users(self, addresses):
        """As `maildex user add` asks a running server, over one connection: five hundred processes take minutes on a slow machine."""
        connection = http.client.HTTPConnection("localhost", timeout=PATIENCE)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(f"{self.data}/run/maildex.sock")
        for address in addresses:
            connection.request("POST", "/command", json.dumps({"addUser": {"address": address}}))
            answer = connection.getresponse()
            text = answer.read()
            expect(answer.status == 200 and b'"done"' in text, f"adding {address} is answered {answer.status}: {text[:500]!r}")
        connection.close()

    def spawn(self):
        before = os.umask(0o007)
        try:
            super().spawn()
        finally:
            os.umask(before)


class Run:
    """One Maildex, and one Postfix at a time."""

    def __init__(self, binary, folder):
        self.folder = folder
        self.maildex = Maildex(binary, folder)
        self.postfix = None
        self.ledger = Ledger(self.maildex)

    def new_postfix(self, name):
        self.postfix = Postfix(self.folder / name)
        self.postfix.prepare()

    def configure_postfix(self, *settings):
        self.postfix.configure("\n".join([*settings, block("postfix.md", "What reaches Maildex as it was", MAIN)]))

    def stop_postfix(self):
        if self.postfix:
            self.postfix.stop()
            self.postfix = None

    def end(self):
        """Nothing is left of either."""
        try:
            self.stop_postfix()
        finally:
            if not self.maildex.ended():
                self.maildex.kill()

    def hand_in(self, sender, recipients, content, options=(), arrives=None, recipient_options=()):
        """A mail by Postfix that all recipients, or those of `arrives`, must have in the end."""
        number = self.postfix.send(sender, recipients, content, options, recipient_options)
        self.ledger.expect(number, recipients if arrives is None else arrives, content)
        return number

    def said_of(self, number):
        """Recipient → (status, what Maildex said), the last of each."""
        return {address: (status, text) for address, status, text in self.postfix.statuses()[number]}


def begin_smtp_source(door, recipient, *more):
    """500 mails over 20 sessions to `inet:HOST:PORT` or `unix:PATH`; `finish` waits for it."""
    return subprocess.Popen(
        ["smtp-source", "-s", str(SESSIONS), "-m", str(LOAD), "-l", "3000", "-M", "client.example.net", "-S", "smtp-source", "-f",
         "source@example.net", "-t", recipient, *more, door],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(process):
    printed, _ = process.communicate(timeout=2 * PATIENCE)
    expect(process.returncode == 0, f"{process.args[0]} ends with {process.returncode}: {printed}")


def check_copies(run, recipient, wanted):
    copies = run.ledger.message_ids(recipient)
    expect(len(copies) == wanted and set(copies.values()) == {1},
           f"of {wanted} mails for {recipient} {len(copies)} are there, {sum(copies.values())} times")


def swaks(*words, content=None):
    """Sends one mail; its whole text on standard input where it is given, to which swaks adds the last line end."""
    command = ["swaks", "--from", "swaks@example.net", "--ehlo", "client.example.net", *words] + (["--data", "-"] if content else [])
    result = subprocess.run(command, input=(content or b"").removesuffix(b"\r\n"), capture_output=True)
    transcript = result.stdout.decode(errors="replace")
    expect(result.returncode == 0, f"swaks {' '.join(words)} ends with {result.returncode}:\n{transcript[-3000:]}{result.stderr[-2000:]!r}")
    return transcript


def queue_numbers(text):
    return [int(number) for number in re.findall(r"queued as (\d+)", text)]
