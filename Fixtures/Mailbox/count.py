#!/usr/bin/env python3
"""Counts what ten searches find in the sample mailbox, by reading every mail: slow, obvious, and independent of
the generator and of Maildex.

    python3 Fixtures/Mailbox/count.py            print user, search and count
    python3 Fixtures/Mailbox/count.py --check    compare with the tables of README.md here and at the top

Each search must also count the same when read generously (attachments' text and HTML included, other forms of the
words), so that the numbers do not depend on details of analysis.
"""
import email
import email.header
import email.utils
import html.parser
import re
import sys
import unicodedata
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Text(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.pieces, self.hidden = [], 0

    def handle_starttag(self, tag, attributes):
        self.hidden += tag in ("script", "style")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self.hidden:
            self.pieces.append(data)


def header(value):
    try:
        return str(email.header.make_header(email.header.decode_header(str(value or ""))))
    except (LookupError, UnicodeDecodeError):
        return str(value)


def decoded(part):
    charset = part.get_content_charset() or "utf-8"
    charset = {"ks_c_5601-1987": "cp949", "iso-2022-jp": "iso2022_jp_ext", "gb2312": "gb18030"}.get(charset, charset)
    data = part.get_payload(decode=True) or b""
    try:
        return data.decode(charset, "replace")
    except LookupError:
        return data.decode("latin-1")


class Mail:
    def __init__(self, user, folder, data):
        message = email.message_from_bytes(data)
        self.user, self.folder = user, folder
        self.subject = header(message["Subject"])
        self.sender = header(message["From"])
        self.people = " ".join(header(message[name]) for name in ("From", "To", "Cc"))
        self.read = "R" in str(message["Status"] or "")
        self.received = self.date(message)
        self.plain, self.html, self.inside, self.files = [], [], [], []
        self.has_attachment = False
        for part in message.walk():
            self.take(part, message)

    @staticmethod
    def date(message):
        stamp = str(message["Received"] or "").rpartition(";")[2] or str(message["Date"] or "")
        try:
            return email.utils.parsedate_to_datetime(stamp.strip()).astimezone(timezone.utc)
        except (TypeError, ValueError):
            return datetime(1970, 1, 1, tzinfo=timezone.utc)

    def take(self, part, message):
        name = part.get_filename()
        if name:
            self.files.append(header(name))
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            return
        if part.get_content_disposition() == "attachment" or (name and not part["Content-ID"]):
            self.has_attachment = True
            if part.get_content_maintype() == "text":
                self.inside.append(decoded(part))
        elif part.get_content_type() == "text/plain":
            self.plain.append(decoded(part))
        elif part.get_content_type() == "text/html":
            parser = Text()
            parser.feed(decoded(part))
            self.html.append(" ".join(parser.pieces))

    def text(self, generous=False):
        body = self.plain or self.html
        if generous:
            body = self.plain + self.html + self.inside
        return fold("\n".join([self.subject, self.people, *self.files, *body]))


def fold(text):
    return unicodedata.normalize("NFKC", text).casefold()


def words(text):
    return re.findall(r"\w+", fold(text))


def has(mail, word, generous):
    """Whether a word is in the mail; generously, also as the beginning of a longer one (other forms)."""
    found = words(mail.text(generous))
    return any(each.startswith(word) for each in found) if generous else word in found


def day(text):
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


SEARCHES = [  # user, search, what it means
    ("alice@example.com", "torque wrench", lambda m, g: has(m, "torque", g) and has(m, "wrench", g)),
    ("alice@example.com", '"sea trial"', lambda m, g: re.search(r"\bsea\s+(>\s+)?trial" + ("" if g else r"\b"), m.text(g))),
    ("alice@example.com", "from:bob has:attachment", lambda m, g: "bob" in words(m.sender) and m.has_attachment),
    ("alice@example.com", "in:inbox is:unread", lambda m, g: m.folder == "Inbox" and not m.read),
    ("alice@example.com", "subject:invoice after:2025-01-01",
     lambda m, g: any(w.startswith("invoice") if g else w == "invoice" for w in words(m.subject))
     and m.received >= day("2025-01-01")),
    ("alice@example.com", "filename:harbour-map.pdf", lambda m, g: "harbour-map.pdf" in m.files),
    ("alice@example.com", "(Leuchtturm OR lighthouse OR phare) -in:sent",
     lambda m, g: any(has(m, w, g) for w in ("leuchtturm", "lighthouse", "phare")) and m.folder != "Sent"),
    ("alice@example.com", "東京", lambda m, g: "東京" in m.text(g)),
    ("carol@example.org", "회의", lambda m, g: "회의" in m.text(g)),
    ("bob@example.com", "photo* before:2025-01-01",
     lambda m, g: any(w.startswith("photo") for w in words(m.text(g))) and m.received < day("2025-01-01")),
]


def mails():
    for path in sorted(HERE.glob("*@*/*.mbox")):
        for entry in re.split(rb"^From .*\n", path.read_bytes(), flags=re.MULTILINE)[1:]:
            data = re.sub(rb"^>(>*From )", rb"\1", entry[:-1], flags=re.MULTILINE)
            yield Mail(path.parent.name, path.stem, data)


def counts():
    found = [mail for mail in mails() if mail.folder not in ("Spam", "Trash")]
    for user, search, meaning in SEARCHES:
        own = [mail for mail in found if mail.user == user]
        exact, generous = (sum(1 for mail in own if meaning(mail, way)) for way in (False, True))
        assert exact == generous, f"{search}: {exact} or {generous}, by how it is read"
        yield user, search, exact


def main():
    check = "--check" in sys.argv[1:]
    here = (HERE / "README.md").read_text() if check else ""
    top = (HERE.parent.parent / "README.md").read_text() if check else ""
    wrong = []
    for user, search, count in counts():
        print(f"{count:4}  {user:18} {search}")
        if f"| {user} | `{search}` | {count} | " not in here:
            wrong.append(f"Fixtures/Mailbox/README.md lacks: | {user} | `{search}` | {count} |")
        line = f"'{user}' '{search}'  # {count}\n"
        if line not in re.sub(r" +# ", "  # ", top):
            wrong.append(f"README.md lacks: {line.strip()}")
    if check and wrong:
        sys.exit("\n".join(wrong))


main()
