#!/usr/bin/env python3
"""notmuch, a whole mail indexer on Xapian: `notmuch new` over a Maildir, `notmuch insert` for one durable mail,
`notmuch search` and `notmuch count` as processes. Words are quoted, so that they are not stemmed; the read mark is the
Maildir's flag. `optimize` is `notmuch compact`.
"""
import mail_tool
import peer
from measure import directory_bytes

FIELDS = {"any": "", "from": "from:", "subject": "subject:"}


class Notmuch(mail_tool.MailTool):
    name = "notmuch"

    @property
    def environment(self):
        return {"NOTMUCH_CONFIG": str(self.directory / "config")}

    def create(self):
        self.make_folders()
        (self.directory / "config").write_text(
            f"[database]\npath={self.mail.resolve()}\n[user]\nname=Bench\nprimary_email=bench@example.com\n"
            "[new]\ntags=\n[search]\nexclude_tags=\n[maildir]\nsynchronize_flags=true\n")

    def add(self, documents):
        self.run("notmuch", "new", "--quiet", "--no-hooks")

    def optimize(self):
        self.run("notmuch", "compact", "--quiet")

    def commit(self, document):
        self.run("notmuch", "insert", "--no-hooks", input=mail_tool.message(document))

    def find(self, word):
        return int(self.run("notmuch", "count", word))

    def size(self):
        return directory_bytes(self.mail / ".notmuch")

    def prepare(self, query):
        if query.substring or query.fuzzy or query.facet:
            return None
        text = expression(query)
        search = ("notmuch", "search", "--output=messages", "--sort=newest-first", f"--limit={peer.NEWEST}",
                  f"--offset={query.offset}", text)
        return peer.Prepared(newest=lambda: self.run(*search), count=lambda: int(self.run("notmuch", "count", text)),
                             ranks=mail_tool.ranks)

    def prepare_empty(self):
        return lambda: self.run("notmuch", "--version")


def expression(query):
    every = [f'{FIELDS[field]}"{word}"' for field, word in query.must]
    if query.should:
        every.append("(" + " or ".join(f'{FIELDS[field]}"{word}"' for field, word in query.should) + ")")
    if query.phrase:
        every.append('"' + " ".join(query.phrase) + '"')
    if query.prefix:
        every.append(query.prefix + "*")
    if query.lo is not None:
        every.append(f"date:@{query.lo}..@{query.hi - 1}")
    if query.unread:
        every.append("tag:unread")
    return " and ".join(every + [f'not {FIELDS[field]}"{word}"' for field, word in query.must_not])


if __name__ == "__main__":
    peer.main(Notmuch, __doc__)
