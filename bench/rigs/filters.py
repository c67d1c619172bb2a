"""rspamd and clamd as Debian has them, started privately on Unix sockets with next to no rules: what a rig can take away.

Their directories are at most some sixty characters long, for a socket's path has room for 107."""
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from server import PATIENCE, Trouble

# The test file that every scanner knows, in two parts so that none finds it here.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class FilterServer:
    """A filter in a directory of its own, which is there from its first start to the end of the rig."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True)
        self.process = None
        self.write_configuration()

    def start(self):
        """Returns when the filter takes connections."""
        if not shutil.which(self.command()[0]):
            raise Trouble(f"{self.command()[0]} is missing; .ci/setup tests installs it")
        self.socket.unlink(missing_ok=True)
        with open(self.directory / "output.log", "ab") as log:
            # A group of its own: rspamd has children, which outlive it when it is killed.
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True)
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Trouble(f"{self.name} does not start; its log is {self.directory}/output.log")
            time.sleep(0.05)

    def answers(self):
        with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
            connection.connect(str(self.socket))
            return True
        return False

    def kill(self):
        """kill -9, of all its processes."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


class Rspamd(FilterServer):
    """Without a rule of its own and without anything that it would ask the network for."""
    name = "rspamd"

    @property
    def socket(self):
        return self.directory / "normal"

    def command(self):
        return ["/usr/bin/rspamd", "--no-fork", "--insecure", "--config", str(self.directory / "rspamd.conf")]

    def write_configuration(self):
        # The list of public suffixes that ships takes several seconds to load.
        (self.directory / "suffixes").write_text("com\nnet\norg\n")
        (self.directory / "rspamd.conf").write_text(f"""
lang_detection {{ languages = ["en"]; }}
options {{
  filters = ""; url_tld = "{self.directory}/suffixes"; tempdir = "{self.directory}"; cache_file = "{self.directory}/cache";
  hs_cache_dir = "{self.directory}/"; history_file = "{self.directory}/history"; dynamic_conf = "{self.directory}/dynamic";
  control_socket = "{self.directory}/control mode=0600"; dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; }}
}}
logging {{ type = "console"; level = "warning"; }}
actions {{ reject = 15; add_header = 6; greylist = 4; }}
worker "normal" {{ bind_socket = "{self.directory}/normal mode=0600"; count = 1; }}
""")


class Clamd(FilterServer):
    """With a database of one signature, so that it starts in a second."""
    name = "clamd"

    @property
    def socket(self):
        return self.directory / "clamd"

    def command(self):
        return ["/usr/sbin/clamd", f"--config-file={self.directory}/clamd.conf"]

    def write_configuration(self):
        (self.directory / "test.ndb").write_text(f"Test.Maildex:0:*:{EICAR.hex()}\n")
        (self.directory / "clamd.conf").write_text(
            f"LocalSocket {self.directory}/clamd\nDatabaseDirectory {self.directory}\nTemporaryDirectory {self.directory}\n"
            "Foreground yes\n")


def settings(rspamd, clamd):
    """The section of the configuration file that has Maildex ask both."""
    return f"filters:\n  rspamd:\n    url: {rspamd.socket}\n  clamd:\n    socket: {clamd.socket}\n"
