#!/usr/bin/env python3
"""mu, a whole mail indexer on Xapian: `mu index` over a Maildir, a synced file and `mu add` for one durable mail,
`mu find` as a process. mu has no offset and no counting: a later page is cut out of all that come before it, and a number
is that of all lines.
"""
import datetime
import os

import mail_tool
import peer
from measure import directory_bytes

FIELDS = {"any": "", "from": "from:", "subject": "subject:"}
EVERYTHING = 10_000_000


class Mu(mail_tool.MailTool):
    name = "mu"
    absent = (0, 2, 4)  # mu's codes for a search that finds nothing

    @property
    def home(self):
        return f"--muhome={self.directory / 'home'}"

    def create(self):
        self.make_folders()
        self.run("mu", "init", self.home, f"--maildir={self.mail.resolve()}", "--quiet")

    def add(self, documents):
        self.run("mu", "index", self.home, "--quiet", "--nocolor")

    def commit(self, document):
        path = self.mail.resolve() / "cur" / f"{document.date}.{document.rank}.bench:2,S"
        with open(path, "wb") as file:
            file.write(mail_tool.message(document))
            file.flush()
            os.fsync(file.fileno())
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        self.run("mu", "add", self.home, str(path))

    def find(self, word):
        return len(mail_tool.ranks(self.search(word, peer.NEWEST)))

    def search(self, text, limit):
        return self.run("mu", "find", self.home, "--nocolor", "--fields=i", "--sortfield=date", "--reverse",
                        f"--maxnum={limit}", text)

    def size(self):
        return directory_bytes(self.directory / "home")

    def prepare(self, query):
        if query.substring or query.fuzzy or query.facet:
            return None
        text, limit = expression(query), query.offset + peer.NEWEST
        return peer.Prepared(newest=lambda: self.search(text, limit),
                             count=lambda: len(mail_tool.ranks(self.search(text, EVERYTHING))),
                             ranks=lambda output: mail_tool.ranks(output)[query.offset:])

    def prepare_empty(self):
        return lambda: self.run("mu", "--version")


def expression(query):
    every = [f'{FIELDS[field]}"{word}"' for field, word in query.must]
    if query.should:
        every.append("(" + " or ".join(f'{FIELDS[field]}"{word}"' for field, word in query.should) + ")")
    if query.phrase:
        every.append('"' + " ".join(query.phrase) + '"')
    if query.prefix:
        every.append(query.prefix + "*")
    if query.lo is not None:
        low, high = (datetime.datetime.fromtimestamp(second, datetime.timezone.utc) for second in (query.lo, query.hi - 1))
        every.append(f"date:{low:%Y%m%d%H%M%S}..{high:%Y%m%d%H%M%S}")
    if query.unread:
        every.append("flag:unread")
    return " and ".join(every + [f'not {FIELDS[field]}"{word}"' for field, word in query.must_not])


if __name__ == "__main__":
    peer.main(Mu, __doc__)
