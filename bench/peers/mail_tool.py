"""A whole mail program as a peer: a Maildir is laid out (not measured), the program is run as a process for everything.

Every figure holds the start of a process, which `empty` shows alone. These programs read MIME, keep more than an index and
have their own idea of a word; their answers are compared, and differences told, but fail nothing. The size is that of the
program's index, without the mail.
"""
import email.utils
import os
import resource
import subprocess
import textwrap

import peer


class MailTool(peer.Engine):
    """Subclasses name the program's commands. Message-IDs are `<rank@rank.example>`."""
    environment = {}
    absent = (0,)  # exit codes of a search without an error

    def __init__(self, directory, has_users=False):
        if has_users:
            raise SystemExit(f"{self.name} keeps one user's mail; leave it out with --users")
        super().__init__(directory)

    @property
    def mail(self):
        return self.directory / "mail"

    def lay_out(self, documents):
        for document in documents:
            path = self.mail / "cur" / f"{document.date}.{document.rank}.bench:2,{'' if document.is_unread else 'S'}"
            path.write_bytes(message(document))

    def make_folders(self):
        for name in ("cur", "new", "tmp"):
            (self.mail / name).mkdir(parents=True)

    def run(self, *command, input=None):
        """The output of a command, as bytes."""
        result = subprocess.run(command, env=os.environ | {"TZ": "UTC"} | self.environment, input=input, capture_output=True)
        if result.returncode not in self.absent:
            raise SystemExit(f"{' '.join(map(str, command))} ends with {result.returncode}: {result.stderr.decode()[-2000:]}")
        return result.stdout

    def open_writer(self):
        pass

    def open_reader(self):
        pass

    def rss_mb(self):
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6


def message(document):
    """The document as mail."""
    return (f"From: {person(document.sender)}\nTo: {person(document.recipients)}\nSubject: {document.subject}\n"
            f"Date: {email.utils.formatdate(document.date)}\nMessage-ID: <{document.rank}@rank.example>\nMIME-Version: 1.0\n"
            f"Content-Type: text/plain; charset=us-ascii\n\n{document.body}\n").encode("ascii")


def person(plain_words):
    """All words as one display name, folded, so that no parser of addresses has its own opinion of them."""
    lines = textwrap.wrap(plain_words, 70)
    return '"' + "\n ".join(lines) + '" <zq@zq.zq>' if lines else "zq@zq.zq"


def ranks(output):
    """The ranks in the Message-IDs of an output, one a line."""
    return [int(line.rpartition(":")[2].partition("@")[0]) for line in output.decode().split()]
