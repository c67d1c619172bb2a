"""Mail at a steady rate over many connections, by clients that try again until they are answered."""
import array
import collections
import random
import re
import threading
import time

import corpus
from server import Refused, SMTPClient

COMMON_WORD = "soakmail"  # in the subject of every mail
PAUSE = 0.5  # seconds, after a refusal
LAST_PATIENCE = 120  # seconds
HEADER_END = re.compile(rb"\r\n\r\n")
MESSAGE_ID = re.compile(rb"(?im)^Message-ID:.*\r\n(?:[ \t].*\r\n)*")
SUBJECT = re.compile(rb"(?im)^Subject:")


class Contents:
    """The corpus's mails, over and over, each with a Message-ID and a word of its own."""

    def __init__(self, folder, limit):
        self.mails = []
        directories = [path for path in sorted(folder.iterdir()) if path.is_dir()]
        for directory in directories:
            for count, mail in enumerate(corpus.mails(directory)):
                if count * len(directories) >= limit:
                    break
                self.mails.append(self.prepare(mail))
        random.Random(42).shuffle(self.mails)

    @staticmethod
    def prepare(mail):
        """Header before and behind the place of the word, and the rest, with CRLF throughout."""
        mail = mail.replace(b"\r", b"").replace(b"\n", b"\r\n")
        mail = mail if mail.endswith(b"\r\n") else mail + b"\r\n"
        end = HEADER_END.search(mail)
        header, body = (mail[:end.end() - 2], mail[end.end() - 2:]) if end else (b"", b"\r\n" + mail)
        header = MESSAGE_ID.sub(b"", header)
        subject = SUBJECT.search(header)
        if not subject:
            return b"Subject:", b"\r\n" + header + body
        return header[:subject.end()], header[subject.end():] + body

    def content(self, number, ledger):
        before, behind = self.mails[number % len(self.mails)]
        return (f"Message-ID: <{ledger.message_id(number)}>\r\n".encode() + before +
                f" {ledger.token(number)} {COMMON_WORD}".encode() + behind)


class Connection(SMTPClient):
    def offer(self, sender, recipients):
        """Up to the 354."""
        commands = [f"MAIL FROM:<{sender}>", *(f"RCPT TO:<{address}>" for address in recipients), "DATA"]
        self.socket.sendall("".join(command + "\r\n" for command in commands).encode())
        replies = [self.reply() for _ in commands]
        for code, text in replies:
            if code not in (250, 354):
                raise Refused(text.decode(errors="replace").strip())

    def transfer(self, content):
        self.socket.sendall(re.sub(rb"(?m)^\.", b"..", content) + b".\r\n")
        self.expect(250)


class Load:
    """`address` is a function: where SMTP listens now, or None while nobody does."""

    def __init__(self, address, users, contents, ledger, seed):
        self.address, self.users, self.contents, self.ledger = address, users, contents, ledger
        self.seed = seed
        self.rate = 0  # mails a second in all; 0 for as many as are taken
        self.lock = threading.Lock()
        self.next_slot = 0.0
        self.stopping = threading.Event()
        self.deadline = float("inf")
        self.refused = collections.Counter()  # by code and enhanced code
        self.rejected = []  # replies that no further try would change
        self.latencies = array.array("f")  # milliseconds from the end of the content to its 250
        self.last_acknowledged = 0.0
        self.threads = []

    def start(self, connections):
        self.stopping.clear()
        self.deadline = float("inf")
        self.next_slot = time.monotonic()
        self.seed += 1
        self.threads = [threading.Thread(target=self.send_all, args=(random.Random(self.seed * 1000 + number),), daemon=True)
                        for number in range(connections)]
        for thread in self.threads:
            thread.start()

    def stop(self):
        """Begins no more mails. Those that were begun are tried until they are answered, or for LAST_PATIENCE."""
        self.deadline = time.monotonic() + LAST_PATIENCE
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def wait_for_slot(self):
        """Keeps the rate; what an outage kept from being sent is not sent in one burst afterwards."""
        if not self.rate:
            return
        with self.lock:
            slot = self.next_slot = max(self.next_slot + 1 / self.rate, time.monotonic() - 1)
        self.stopping.wait(max(0, slot - time.monotonic()))

    def send_all(self, generator):
        connection = None
        while not self.stopping.is_set():
            self.wait_for_slot()
            many = generator.random() < 0.1
            recipients = generator.sample(range(len(self.users)), generator.randint(2, 5) if many else 1)
            sender = f"rig@d{generator.randrange(64)}.example.net"
            connection = self.send(self.ledger.begin(recipients), sender, connection)
        if connection:
            connection.close()

    def send(self, number, sender, connection):
        """Returns when the mail was acknowledged or there is no hope for it, with the connection if there is one."""
        recipients = [self.users[user] for user in self.ledger.recipients[number]]
        content = self.contents.content(number, self.ledger)
        tries = 0
        while time.monotonic() < self.deadline:
            address = self.address()
            if address is None:
                time.sleep(0.02)
                continue
            tries += 1
            if tries == 2:
                self.ledger.count_retry()
            is_open = False
            try:
                connection = connection or Connection(address)
                connection.offer(sender, recipients)
                is_open = True
                began = time.monotonic()
                connection.transfer(content)
                now = time.monotonic()
                self.ledger.acknowledge(number)
                with self.lock:
                    self.latencies.append((now - began) * 1000)
                    self.last_acknowledged = now
                return connection
            except Refused as refused:
                # A reply says that the mail was not taken: nothing is open.
                with self.lock:
                    self.refused[str(refused)[:9].strip() or "?"] += 1
                pause = PAUSE
                if str(refused).startswith("5"):
                    self.rejected.append(str(refused))
                    connection.close()
                    return None
            except OSError:
                if is_open:
                    self.ledger.leave_open(number)
                pause = 0.02
            if connection:
                connection.close()
            connection = None
            time.sleep(pause)
