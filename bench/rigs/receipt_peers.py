#!/usr/bin/env python3
"""Mail into Maildex, and the same mail into Postfix and Dovecot, one after another: mails a second, acknowledgements, bytes written.

    bench/rigs/receipt_peers.py [--binary maildex] [--corpus DIR/<user>/<folder>.mbox | --sample] [--limit 4000]
                                [--connections 16] [--rounds 1] [--systems maildex,postfix,…]

| system | is |
|---|---|
| maildex | SMTP; every mail is searchable when the figure `indexed_s` ends |
| maildex-lmtp | the same over LMTP |
| postfix | Postfix's SMTP, which delivers to Dovecot's LMTP: Maildir |
| postfix-fts | the same with fts-xapian, which indexes every mail |
| dovecot-lmtp | Dovecot's LMTP alone: mdbox |

The load comes from maildex-load (`swift build --package-path bench -c release`), one mail a transaction, over so many connections. `accepted_s`
is mails acknowledged a second; `delivered_s` counts to the last mail in its mailbox; `indexed_s` to the last one that a
search finds. Bytes are those written to the device, all of the machine's, so nothing else should run. Postfix and Dovecot run
privately, on ports and in directories of their own; starting them takes root. Dovecot is 2.3; Debian's packages postfix, dovecot-lmtpd,
dovecot-fts-xapian and python3-xapian. Prints one JSON line; exit code 1 when a mail was not accepted, or never came.
"""
import argparse
import contextlib
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
from server import BINARY, PATIENCE, ROOT, Client, Server, Trouble, note  # noqa: E402

LOAD = ROOT / "bench" / ".build" / "release" / "maildex-load"
DELIVERY_PATIENCE = 600  # seconds from the last acknowledgement to the last delivery
DOMAIN = "example.com"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for_port(port, what):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            if connection.recv(3) == b"220":
                return
        time.sleep(0.05)
    raise Trouble(f"{what} does not answer on port {port}")


def written_bytes(folder):
    """What was written to the device that holds the folder, since the machine started."""
    os.sync()
    device = os.stat(folder).st_dev
    try:
        fields = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}/stat").read_text().split()
    except OSError:  # Of a directory on no device: memory, or a file system over another.
        return None
    return int(fields[6]) * 512


class Maildex:
    def __init__(self, work, users, arguments, is_lmtp=False):
        self.users, self.is_lmtp = users, is_lmtp
        settings = {"MAILDEX_SEARCH_WAIT_FOR_QUEUE": "0"}
        if is_lmtp:
            self.port = free_port()
            settings["MAILDEX_LMTP_LISTEN"] = f"127.0.0.1:{self.port}"
        self.server = Server(arguments.binary, work / "data", **settings)
        for address in users:
            self.server.run("user", "add", address)

    def start(self):
        # With LMTP the ready line names it too.
        self.server.start()
        if not self.is_lmtp:
            self.port = self.server.smtp[1]

    def wait(self, count):
        """Everything that was acknowledged is found by a search when it is delivered."""
        clients = [Client(self.server.http, address) for address in self.users]
        deadline = time.monotonic() + DELIVERY_PATIENCE
        while (found := sum(client.search("", limit=1)["total"] for client in clients)) < count:
            if time.monotonic() > deadline:
                raise Trouble(f"{found} of {count} mails came")
            time.sleep(0.02)
        now = time.monotonic()
        return now, now

    def stop(self):
        self.server.stop()


class Dovecot:
    """LMTP on a port, mail below `work/mail`."""

    def __init__(self, work, users, storage, has_search=False):
        self.work, self.users, self.storage, self.has_search = work, users, storage, has_search
        self.port, self.process = free_port(), None
        self.mail = work / "mail"
        self.mail.mkdir()
        self.work.chmod(0o755)
        shutil.chown(self.mail, "mail", "mail")

    def configuration(self):
        search = """
mail_plugins = fts fts_xapian
plugin {
  fts = xapian
  fts_xapian = partial=3 full=20
  fts_autoindex = yes
}
""" if self.has_search else ""
        return f"""
base_dir = {self.work}/run
state_dir = {self.work}/state
log_path = {self.work}/dovecot.log
protocols = lmtp
listen = 127.0.0.1
ssl = no
mail_location = {self.storage}:{self.mail}/%u/{self.storage}
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
userdb {{
  driver = static
  args = uid=mail gid=mail home={self.mail}/%u allow_all_users=yes
}}
passdb {{
  driver = static
  args = nopassword=y
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.port}
  }}
  process_limit = 100
  service_count = 0
}}
service indexer-worker {{
  vsz_limit = 2G
}}
{search}"""

    def start(self):
        path = self.work / "dovecot.conf"
        path.write_text(self.configuration())
        self.process = subprocess.Popen(
            ["dovecot", "-F", "-c", path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.port, "Dovecot")
        # Two first mails at once would both make the mailbox, and one is put off then.
        for address in self.users:
            subprocess.run(["doveadm", "-c", path, "mailbox", "status", "-u", address, "messages", "INBOX"], check=True,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def delivered(self):
        if self.storage == "maildir":
            return sum(1 for folder in self.mail.glob("*/maildir/new") for _ in os.scandir(folder))
        log = (self.work / "dovecot.log").read_text(errors="replace")
        return len(re.findall(r"saved mail to INBOX", log))

    def indexed(self):
        import xapian  # Debian's; only this system needs it.
        count = 0
        for path in self.mail.glob("*/maildir/xapian-indexes/db_*"):
            with contextlib.suppress(xapian.Error):
                count += xapian.Database(str(path)).get_doccount()
        return count

    def wait(self, count):
        deadline = time.monotonic() + DELIVERY_PATIENCE
        while self.delivered() < count:
            if time.monotonic() > deadline:
                raise Trouble(f"{self.delivered()} of {count} mails came")
            time.sleep(0.1)
        came = time.monotonic()
        if not self.has_search:
            return came, None
        while self.indexed() < count:
            if time.monotonic() > deadline:
                raise Trouble(f"{self.indexed()} of {count} mails were indexed")
            time.sleep(0.5)
        return came, time.monotonic()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)


class Postfix:
    """SMTP on a port, in front of a Dovecot."""

    def __init__(self, work, users, has_search=False):
        self.work = work
        self.port = free_port()
        self.dovecot = Dovecot(work, users, "maildir", has_search)

    def start(self):
        self.dovecot.start()
        configuration, queue, data = (self.work / name for name in ("postfix", "queue", "data"))
        for folder in (configuration, queue, data):
            folder.mkdir()
        shutil.chown(data, "postfix")
        (configuration / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
maillog_file = {self.work}/postfix.log
maillog_file_prefixes = {self.work}
myhostname = bench.example.net
mydestination =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
virtual_mailbox_domains = {DOMAIN}
virtual_transport = lmtp:inet:127.0.0.1:{self.dovecot.port}
lmtp_host_lookup = native
default_process_limit = 100
message_size_limit = 52428800
mailbox_size_limit = 0
""")
        services = [f"127.0.0.1:{self.port} inet n - n - - smtpd"]
        services += [f"{name} unix {private} - n {wakeup} {limit} {command}" for name, private, wakeup, limit, command in (
            ("cleanup", "n", "-", "0", "cleanup"), ("qmgr", "n", "300", "1", "qmgr"), ("rewrite", "-", "-", "-", "trivial-rewrite"),
            ("bounce", "-", "-", "0", "bounce"), ("defer", "-", "-", "0", "bounce"), ("trace", "-", "-", "0", "bounce"),
            ("verify", "-", "-", "1", "verify"), ("flush", "n", "1000?", "0", "flush"), ("proxymap", "-", "-", "-", "proxymap"),
            ("smtp", "-", "-", "-", "smtp"), ("lmtp", "-", "-", "-", "lmtp"), ("showq", "n", "-", "-", "showq"),
            ("error", "-", "-", "-", "error"), ("retry", "-", "-", "-", "error"), ("discard", "-", "-", "-", "discard"),
            ("anvil", "-", "-", "1", "anvil"), ("scache", "-", "-", "1", "scache"), ("tlsmgr", "-", "1000?", "1", "tlsmgr"))]
        services += ["postlog unix-dgram n - n - 1 postlogd"]
        (configuration / "master.cf").write_text("\n".join(services) + "\n")
        self.configuration = configuration
        subprocess.run(["postfix", "-c", configuration, "start"], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_port(self.port, "Postfix")

    def wait(self, count):
        return self.dovecot.wait(count)

    def stop(self):
        try:
            subprocess.run(["postfix", "-c", self.configuration, "stop"], check=True, stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        finally:
            self.dovecot.stop()


SYSTEMS = {
    "maildex": lambda work, users, arguments: Maildex(work, users, arguments),
    "maildex-lmtp": lambda work, users, arguments: Maildex(work, users, arguments, is_lmtp=True),
    "postfix": lambda work, users, arguments: Postfix(work, users),
    "postfix-fts": lambda work, users, arguments: Postfix(work, users, has_search=True),
    "dovecot-lmtp": lambda work, users, arguments: Dovecot(work, users, "mdbox"),
}


def measure(name, folder, arguments):
    with tempfile.TemporaryDirectory(prefix="maildex-peers-", ignore_cleanup_errors=True) as work:
        system = SYSTEMS[name](Path(work), list(corpus.users(folder).values()), arguments)
        try:
            system.start()
            before, began = written_bytes(work), time.monotonic()
            command = [LOAD, "--smtp", f"127.0.0.1:{system.port}", "--mail", folder, "--domain", DOMAIN, "--connections",
                       str(arguments.connections), "--limit", str(arguments.limit), "--probe-every", "0"]
            result = subprocess.run(command + ["--lmtp"] * name.endswith("lmtp"), stdout=subprocess.PIPE, text=True)
            if result.returncode:
                raise Trouble(f"{name}: maildex-load ends with {result.returncode}")
            load = json.loads(result.stdout.strip().splitlines()[-1])
            came, indexed = system.wait(load["mails"])
            written = before and written_bytes(work) - before
            system.stop()
        except BaseException:
            with contextlib.suppress(Exception):
                system.stop()
            raise
    return {"accepted_s": round(load["mails_s"]), "delivered_s": round(load["mails"] / (came - began)),
            "indexed_s": indexed and round(load["mails"] / (indexed - began)), "ack_ms": load["ack_ms"],
            "written_kb_mail": written and round(written / 1000 / load["mails"], 1), "mails": load["mails"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", type=Path, default=BINARY)
    corpus.add_arguments(parser)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--limit", type=int, default=4000, help="0 for the whole corpus")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--systems", default=",".join(SYSTEMS))
    arguments = parser.parse_args()
    names = arguments.systems.split(",")
    if "postfix-fts" in names and importlib.util.find_spec("xapian") is None:
        parser.error("postfix-fts needs python3-xapian: /usr/bin/python3 has it where Debian's package is installed")
    if unknown := set(names) - set(SYSTEMS):
        parser.error(f"no such system: {', '.join(sorted(unknown))}; there are {', '.join(SYSTEMS)}")
    results = {name: [] for name in names}
    with tempfile.TemporaryDirectory(prefix="maildex-receipt-") as work:
        folder = corpus.find(arguments, work)
        try:
            for number in range(arguments.rounds):
                for name in names:
                    results[name].append(measure(name, folder, arguments))
                    note(f"round {number + 1}, {name}: {json.dumps(results[name][-1])}")
        except (Trouble, OSError, subprocess.SubprocessError) as trouble:
            sys.exit(f"FAILED: {trouble}")
    print(json.dumps({"connections": arguments.connections, "systems": results}), flush=True)


if __name__ == "__main__":
    main()
