"""An OpenSMTPD of one's own, from Debian's package unpacked into a directory: it cannot be installed beside Postfix.

Its paths and users are built in, so it runs in a mount namespace where its directories, and copies of passwd and group that have
its users, lie over those of the machine. That takes root, and `unshare`.
"""
import contextlib
import re
import shlex
import smtplib
import socket
import subprocess
from pathlib import Path

from postfix import free_port, wait_until
from server import PATIENCE

# Numbers that Debian gives to nobody.
USERS = {"opensmtpd": 64901, "opensmtpq": 64902}


class OpenSMTPD:
    def __init__(self, package, work):
        self.package, self.work = Path(package).resolve(), Path(work)
        self.log = self.work / "smtpd.log"
        self.port = free_port()
        self.process = None

    def start(self, settings):
        self.work.mkdir(parents=True)
        for name in ("spool", "lib", "run"):
            (self.work / name).mkdir()
        (self.work / "lib" / "opensmtpd" / "empty").mkdir(parents=True)
        (self.work / "spool" / "smtpd").mkdir(mode=0o711)
        passwd = "".join(f"{name}:x:{number}:{number}::/var/lib/opensmtpd/empty:/usr/sbin/nologin\n" for name, number in USERS.items())
        (self.work / "passwd").write_text(Path("/etc/passwd").read_text() + passwd)
        groups = "".join(f"{name}:x:{number}:\n" for name, number in USERS.items())
        (self.work / "group").write_text(Path("/etc/group").read_text() + groups)
        configuration = self.work / "smtpd.conf"
        configuration.write_text(settings)
        mounts = {self.package / "usr/libexec": "/usr/libexec", "spool": "/var/spool", "lib": "/var/lib", "run": "/run",
                  "passwd": "/etc/passwd", "group": "/etc/group"}
        commands = [f"mount --bind {shlex.quote(str(self.work / name))} {place}" for name, place in mounts.items()]
        commands.append(f"exec {shlex.quote(str(self.package / 'usr/sbin/smtpd'))} -d -f {shlex.quote(str(configuration))}")
        self.process = subprocess.Popen(["unshare", "-m", "bash", "-ec", "\n".join(commands)], stdin=subprocess.DEVNULL,
                                        stdout=self.log.open("ab"), stderr=subprocess.STDOUT)
        wait_until(lambda: f"OpenSMTPD answers on port {self.port}\n{self.log_tail()}", self.answers)

    def answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            return connection.recv(3) == b"220"
        return False

    def client(self):
        return smtplib.SMTP("127.0.0.1", self.port, timeout=PATIENCE)

    def delivered(self, number, count):
        """Returns when each of so many recipients of a mail has had an answer that does not pass."""
        def is_done():
            log = self.log.read_text(errors="replace")
            return len(re.findall(rf"(?m) delivery evpid={number}.* result=\"?(?:Ok|PermFail)\"? ", log)) == count
        wait_until(lambda: f"{number} is delivered\n{self.log_tail()}", is_done)

    def stop(self):
        if self.process:
            self.process.terminate()
            try:
                self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def log_tail(self):
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""
