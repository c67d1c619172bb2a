"""A Postfix of one's own: Debian's services, private directories, one port on loopback. Starting it takes root."""
import collections
import contextlib
import json
import os
import re
import shutil
import smtplib
import socket
import subprocess
import time
from pathlib import Path

from server import PATIENCE, Trouble

SERVICES = Path("/usr/share/postfix/master.cf.dist")  # what Debian's package installs as /etc/postfix/master.cf


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until(what, condition, patience=PATIENCE):
    """The first true answer of `condition`; asked again and again, for what nobody announces."""
    deadline = time.monotonic() + patience
    while not (answer := condition()):
        if time.monotonic() > deadline:
            raise Trouble(f"not in {patience} seconds: {what() if callable(what) else what}")
        time.sleep(0.05)
    return answer


class Postfix:
    """`settings` is text for main.cf, below what makes this instance private; later lines win."""

    def __init__(self, work):
        self.work = Path(work)
        self.configuration, self.queue = self.work / "etc", self.work / "queue"
        self.log = self.work / "postfix.log"
        self.port = None

    def prepare(self):
        """Directories, so that others can be put below the queue before the start."""
        # Its processes run as postfix, and must get here.
        self.work.mkdir(parents=True)
        self.configuration.mkdir()
        self.queue.mkdir()
        data = self.work / "data"
        data.mkdir()
        shutil.chown(data, "postfix")

    def configure(self, settings):
        self.port = self.port or free_port()
        (self.configuration / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {self.queue}
data_directory = {self.work}/data
maillog_file = {self.log}
maillog_file_prefixes = {self.work}
enable_long_queue_ids = yes
myhostname = mx.example.com
mydestination =
alias_maps =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.1/32
smtpd_peername_lookup = no
{settings}""")
        services = SERVICES.read_text()
        port = f"127.0.0.1:{self.port}"
        services, count = re.subn(r"(?m)^smtp( +inet )", rf"{port}\1", services)
        if count != 1:
            raise Trouble(f"{SERVICES} has {count} lines for smtp inet")
        if "postlog" not in services:
            raise Trouble(f"{SERVICES} has no postlog")
        (self.configuration / "master.cf").write_text(services)

    def command(self, *words, check=True):
        result = subprocess.run(
            [words[0], "-c", self.configuration, *words[1:]], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if check and result.returncode:
            raise Trouble(f"{' '.join(map(str, words))} ends with {result.returncode}: {result.stdout}{result.stderr}{self.log_tail()}")
        return result.stdout

    def start(self):
        # Its standard streams go to nobody: master would hold them open.
        code = subprocess.run(["postfix", "-c", self.configuration, "start"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL).returncode
        if code:
            raise Trouble(f"postfix start ends with {code}\n{self.log_tail()}")
        wait_until(lambda: f"Postfix answers on port {self.port}\n{self.log_tail()}", self.answers)

    def answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            return connection.recv(3) == b"220"
        return False

    def stop(self):
        """Stops the master that its own pid file names, and all that it started."""
        if (self.queue / "pid" / "master.pid").exists():
            self.command("postfix", "stop", check=False)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def client(self, source="127.0.0.1"):
        return smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE, source_address=(source, 0))

    def send(self, sender, recipients, content, options=(), recipient_options=()):
        """Hands a mail in over one connection, and gives its queue id."""
        with self.client() as client:
            return hand_in(client, sender, recipients, content, options, recipient_options)

    def waiting(self):
        """What its queue holds, as postqueue has it."""
        return [json.loads(line) for line in self.command("postqueue", "-j").splitlines()]

    def flush(self):
        self.command("postqueue", "-f")

    def drained(self, patience=PATIENCE):
        """Returns when its queue is empty."""
        wait_until(lambda: f"Postfix's queue is empty\n{self.waiting()[:3]}\n{self.log_tail()}", lambda: not self.waiting(), patience)

    def put_off(self, patience=PATIENCE):
        """Returns what waits when all of it does: nothing is on its way any more."""
        def deferred():
            waiting = self.waiting()
            return waiting if waiting and all(mail["queue_name"] == "deferred" for mail in waiting) else None
        return wait_until(lambda: f"Postfix has put off what it could not deliver\n{self.log_tail()}", deferred, patience)

    def logged(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def statuses(self):
        """Queue id → how its recipients fared, in order: (recipient, status, what was said)."""
        found = collections.defaultdict(list)
        for match in re.finditer(r"(?m)^.* postfix/\w+\[\d+\]: (\w+): to=<([^>]*)>,.* status=(\w+) \((.*)\)$", self.logged()):
            found[match[1]].append((match[2], match[3], match[4]))
        return found

    def delivered(self):
        return self.logged().count(" status=sent ")

    def unsure(self):
        """Queue ids of mails whose delivery broke before the answer: they may be there twice (RFC 1047)."""
        return set(re.findall(r"(?m)postfix/\w+\[\d+\]: (\w+): .*message may be sent more than once", self.logged()))

    def message_ids(self):
        """Queue id → Message-ID, of all that it has taken."""
        return dict(re.findall(r"(?m)postfix/cleanup\[\d+\]: (\w+): message-id=<([^>]*)>$", self.logged()))

    def log_tail(self):
        return self.logged()[-4000:]


def hand_in(client, sender, recipients, content, options=(), recipient_options=()):
    """One mail over a connection of smtplib: every byte as given, lines ended by CRLF. Gives the queue id."""
    client.ehlo_or_helo_if_needed()
    for reply in (client.mail(sender, options), *(client.rcpt(address, recipient_options) for address in recipients)):
        if reply[0] != 250:
            raise Trouble(f"{reply} is the answer to a mail of {sender} to {', '.join(recipients[:3])}")
    code, text = client.docmd("DATA")
    if code != 354:
        raise Trouble(f"DATA is answered {code} {text!r}")
    client.send(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
    code, text = client.getreply()
    match = re.search(rb"(?:queued as (\w+)|(\w+) Message accepted)", text)  # Postfix, OpenSMTPD
    if code != 250 or not match:
        raise Trouble(f"the mail is answered {code} {text!r}")
    return (match[1] or match[2]).decode()


def missing(tools):
    """Which of the tools are not installed; those of /usr/sbin are found from now on."""
    os.environ["PATH"] = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return [tool for tool in tools if not shutil.which(tool)]
