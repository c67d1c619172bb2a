"""A maildex binary with its data directory, and plain clients for HTTP and SMTP: what every rig drives."""
import contextlib
import http.client
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BINARY = ROOT / ".build" / "release" / "maildex"
PATIENCE = 60  # seconds; nothing that a rig waits for takes more than a few


def note(message):
    """Progress for people goes to standard error; standard output belongs to the JSON line."""
    print(message, file=sys.stderr, flush=True)


class Trouble(Exception):
    """The rig cannot go on: a server that does not start, a command that fails."""


class Server:
    """One data directory, served without passwords on ports that the system chooses."""

    def __init__(self, binary, data, **settings):
        self.binary, self.data = str(Path(binary).resolve()), str(data)
        self.environment = dict(os.environ, MAILDEX_HTTP_AUTH="none", **settings)
        self.process, self.http, self.smtp = None, None, None
        self.log = open(self.data + ".log", "ab")

    def run(self, *arguments, codes=(0,)):
        """Runs a command beside the server or alone, and gives its output."""
        result = subprocess.run(
            [self.binary, *map(str, arguments), "--data", self.data], env=self.environment, capture_output=True, text=True,
            stdin=subprocess.DEVNULL)
        if result.returncode not in codes:
            raise Trouble(f"maildex {' '.join(map(str, arguments))} ends with {result.returncode}:\n"
                          f"{result.stdout[-4000:]}{result.stderr[-4000:]}")
        return result.stdout

    def spawn(self):
        """Starts the process without waiting for it."""
        self.process = subprocess.Popen(
            [self.binary, "serve", "--data", self.data, "--http", "127.0.0.1:0", "--smtp", "127.0.0.1:0"],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.log)

    def start(self):
        """Starts the server; the milliseconds from the start of the process to the line that says ready."""
        began = time.monotonic()
        self.spawn()
        self.read_ready_line(began + PATIENCE)
        return (time.monotonic() - began) * 1000

    def read_ready_line(self, deadline):
        seen = b""
        while not seen.endswith(b"\n"):
            wait = deadline - time.monotonic()
            if wait <= 0 or not select.select([self.process.stdout], [], [], wait)[0]:
                raise Trouble(f"serve did not say ready in {PATIENCE} seconds; its log is {self.log.name}")
            piece = os.read(self.process.stdout.fileno(), 4096)
            if not piece:
                raise Trouble(f"serve ended with {self.process.wait()} before it was ready; its log is {self.log.name}")
            seen += piece
            if b"\n" in seen and not re.search(rb"^ready ", seen, re.MULTILINE):
                seen = seen.rpartition(b"\n")[2]
        match = re.search(rb"^ready http=(\S+):(\d+) smtp=(\S+):(\d+)(?: |$)", seen, re.MULTILINE)
        if not match:
            raise Trouble(f"not a ready line: {seen!r}")
        self.http = (match[1].decode(), int(match[2]))
        self.smtp = (match[3].decode(), int(match[4]))

    @property
    def http_address(self):
        return "{}:{}".format(*self.http)

    @property
    def smtp_address(self):
        return "{}:{}".format(*self.smtp)

    def kill(self):
        """kill -9, and nothing of it left."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        """SIGTERM; ends in good order or not at all."""
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Trouble(f"serve did not end {PATIENCE} seconds after SIGTERM; its log is {self.log.name}") from None
        self.process.stdout.close()
        if code != 0:
            raise Trouble(f"serve ended with {code} after SIGTERM; its log is {self.log.name}")

    def ended(self):
        return self.process is None or self.process.poll() is not None

    def log_tail(self):
        """The end of what the server wrote to its log: where it says why it ended."""
        return Path(self.log.name).read_bytes()[-8000:].decode(errors="replace")

    def written_bytes(self):
        """What the process has caused to be written to the disk since it started."""
        try:
            text = Path(f"/proc/{self.process.pid}/io").read_text()
        except OSError:  # A kernel without I/O accounting.
            return 0
        return int(re.search(r"^write_bytes: (\d+)", text, re.MULTILINE)[1])

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, field):
        """Mebibytes, for the field VmRSS (now) or VmHWM (the most there was)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"^(?:{field}|VmRSS):\s+(\d+) kB", status, re.MULTILINE)[1]) / 1024


class Client:
    """One kept-alive HTTP connection, in the name of a user. Errors of the connection are OSError or HTTPException."""

    def __init__(self, address, user):
        self.connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
        self.user = user

    def ask(self, method, path, body=None):
        headers = {"X-Maildex-User": self.user.encode()}
        if body is not None:
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def get(self, path, **parameters):
        """The JSON at a path that must be there."""
        if parameters:
            path += "?" + urllib.parse.urlencode(parameters)
        status, headers, body = self.ask("GET", path)
        if status != 200:
            raise Trouble(f"GET {path} of {self.user} answers {status}: {body[:500]!r}")
        return json.loads(body), headers

    def search(self, query, limit=500, **parameters):
        return self.get("/v1/search", q=query, limit=limit, **parameters)[0]

    def search_all(self, query):
        """Every hit's message over all pages, and the total that the first page said."""
        page = self.search(query)
        total, messages = page["total"], [hit["message"] for hit in page["hits"]]
        while page["next_cursor"]:
            page = self.search(query, cursor=page["next_cursor"], total="false")
            messages += [hit["message"] for hit in page["hits"]]
        return total, messages

    def list_all(self, path, **parameters):
        """Every element of a list, over the pages that `Link` names."""
        elements, headers = self.get(path, limit=500, **parameters)
        while following := re.match(r'<([^>]+)>; rel="next"', headers.get("Link") or ""):
            page, headers = self.get(following[1])
            elements += page
        return elements

    def settle(self, patience=PATIENCE):
        """Waits until no acknowledged mail of the user is still being processed."""
        deadline = time.monotonic() + patience
        while pending := self.search("", limit=1, total="false")["pending"]:
            if time.monotonic() > deadline:
                raise Trouble(f"{pending} mails of {self.user} are pending after {patience} seconds")

    def close(self):
        self.connection.close()


class Refused(Exception):
    """SMTP said no; the message holds the reply."""


class SMTPClient:
    """One SMTP connection that pipelines. Errors of the connection are OSError."""

    def __init__(self, address):
        self.socket = socket.create_connection(address, timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.replies = self.socket.makefile("rb")
        self.expect(220)
        self.socket.sendall(b"EHLO rig.example.net\r\n")
        self.expect(250)

    def reply(self):
        """One reply, all of its lines: its code and text."""
        text = b""
        while True:
            line = self.replies.readline()
            if not line.endswith(b"\n"):
                raise OSError("the connection ended")
            text += line
            if line[3:4] != b"-":
                return int(line[:3]), text

    def expect(self, code):
        got, text = self.reply()
        if got != code:
            raise Refused(f"{text.decode(errors='replace').strip()}")

    def send(self, sender, recipients, content):
        """Returns when the mail is acknowledged. `content` ends in CRLF."""
        commands = [f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{address}>" for address in recipients), "DATA"]
        self.socket.sendall("".join(command + "\r\n" for command in commands).encode())
        replies = [self.reply() for _ in commands]
        wrong = [text for code, text in replies[:-1] if code != 250] + [replies[-1][1]] * (replies[-1][0] != 354)
        if wrong:
            raise Refused(wrong[0].decode(errors="replace").strip())
        stuffed = re.sub(rb"(?m)^\.", b"..", content)
        self.socket.sendall(stuffed + b".\r\n")
        self.expect(250)

    def close(self):
        with contextlib.suppress(OSError):
            self.replies.close()
            self.socket.close()


def in_threads(bodies):
    """Runs the bodies side by side; the first error of any of them is raised when all have ended."""
    errors = []

    def guarded(body):
        try:
            body()
        except BaseException as error:  # noqa: B902 (raised again below)
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
