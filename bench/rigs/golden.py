#!/usr/bin/env python3
"""The golden queries of Fixtures/Golden, asked of Maildex and of whole mail programs: how many answers are as expected?

    bench/rigs/golden.py [--binary maildex] [--engines maildex,notmuch,mu] [--show]

Every program gets the same mails and the same queries, said in its own words: names of operators, `-word` as `not
word`, folders. What its language has no form for (an address as a whole, a part in stars, a fuzzy word) is counted
apart. Spam and trash in an answer are overlooked where they were not asked for: hiding them is a setting elsewhere.
Queries whose answer depends on what day it is are left out; the tests ask those, at a moment of their own.

Prints one JSON line: for each program and each file of queries how many answers are as expected, how many queries it
can be asked, and how many there are; --show prints every answer that is another. notmuch and mu are Debian's packages
notmuch and maildir-utils.
"""
import argparse
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
from server import BINARY, ROOT, Client, Server, note  # noqa: E402

GOLDEN = ROOT / "Fixtures" / "Golden"
DOMAIN = "golden.example"
HIDDEN = {"Spam", "Trash"}
REFUSED = "!"
USER = "golden@home.example"
# Their answers depend on the day.
LEFT_OUT = "dates.tsv"
# Xapian, on which both are built, cuts Chinese, Japanese and Korean into pairs only where it is asked to.
XAPIAN = dict(os.environ, XAPIAN_CJK_NGRAM="1")


# The golden set


def mails():
    """Folder, name, bytes and marks of each mail."""
    for path in sorted((GOLDEN / "mailbox").glob("*.mbox")):
        for entry in re.split(rb"^From .*\n", path.read_bytes(), flags=re.MULTILINE)[1:]:
            content = re.sub(rb"(?m)^>(>*From )", rb"\1", entry[:-1])
            head = content.partition(b"\n\n")[0].decode("latin-1")
            name = re.search(rf"^Message-ID: <(.*)@{DOMAIN}>$", head, re.MULTILINE)[1]
            yield path.stem, name, content, mark_letters(head)


def mark_letters(head):
    """A Maildir's letters for what Status and X-Status say."""
    extra = re.search(r"^X-Status: (.*)$", head, re.MULTILINE)
    letters = {"F": "F", "A": "R"}
    marks = [letters[letter] for letter in (extra[1] if extra else "")]
    return "".join(sorted(marks + (["S"] if re.search(r"^Status: RO$", head, re.MULTILINE) else [])))


def queries(shown):
    """File, id, text and expected answer: names, or REFUSED."""
    for path in sorted((GOLDEN / "queries").glob("*.tsv")):
        if path.name == LEFT_OUT:
            continue
        for line in path.read_text(encoding="utf-8").split("\n")[1:]:
            if line:
                identifier, text, hits = line.split("\t")[:3]
                text = re.sub(r"\\u\{([0-9A-Fa-f]+)\}", lambda match: chr(int(match[1], 16)), text)
                yield path.stem, identifier, text, answer_of(hits, shown)


def answer_of(hits, shown):
    if hits == "!":
        return REFUSED
    names = set()
    for name in hits.split():
        if name == "*":
            names |= shown
        elif name != "-":
            names = names - {name[1:]} if name.startswith("-") else names | {name}
    return names


# Said in other words


class Unsayable(Exception):
    """The program's language has no form for it."""


ENGLISH = {
    "제목": "subject", "보낸사람": "from", "보낸이": "from", "발신": "from", "받는사람": "to", "받는이": "to", "수신": "to",
    "참조": "cc", "숨은참조": "bcc", "본문": "body", "내용": "body", "파일": "filename", "파일명": "filename", "파일이름": "filename",
    "첨부": "attachment", "메일링리스트": "list", "편지함": "in", "폴더": "in", "folder": "in", "라벨": "label", "태그": "label",
    "tag": "label", "크기": "size", "rfc822msgid": "id", "mid": "id",
}
VALUES = {"안읽음": "unread", "읽지않음": "unread", "읽음": "read", "별표": "starred", "중요": "starred", "답장": "replied",
          "첨부": "attachment"}
NAMES = {"subject", "from", "to", "cc", "bcc", "body", "filename", "attachment", "list", "sender", "in", "is", "has",
         "label", "size", "larger", "smaller", "id", "thread", "header", "before", "after", "on", "date"}
PIECE = re.compile(r'-?(?:[^\W\d]\w*:)?"[^"]*"|[(){}]|[^\s(){}"]+|"')


def said(text, operator):
    """The query with each operator as `operator(name, value)` puts it; the value is empty before a group."""
    if "\0" in text or re.search(r"[{}]|\w~[0-9]?(?!\w)|(?<!\S)\S*\*\w|AROUND|\\[^\w]", text):
        raise Unsayable
    pieces = []
    for piece in PIECE.findall(text):
        minus, piece = ("not ", piece[1:]) if re.match(r"-\S", piece) else ("", piece)
        name, colon, value = piece.partition(":")
        name = ENGLISH.get(name, name.lower())
        if colon and name in NAMES:
            inner, value = ("not ", value[1:]) if value.startswith("-") else ("", value)
            piece = inner + operator(name, VALUES.get(value, value))
        pieces.append(minus + piece)
    return re.sub(r": (?=\()", ":", " ".join(pieces))


def folder(value):
    return "" if value.strip('"').lower() == "inbox" else value.strip('"').title() if value.isascii() else value


class Notmuch:
    fields = {"subject", "from", "to", "body", "id"}
    flags = {"unread": "tag:unread", "read": "not tag:unread", "starred": "tag:flagged", "replied": "tag:replied"}
    kinds = {"attachment": "tag:attachment", "pdf": "mimetype:application/pdf", "image": "mimetype:image",
             "calendar": "mimetype:text/calendar", "contact": "mimetype:text/vcard", "mail": "mimetype:message/rfc822",
             "audio": "mimetype:audio"}

    def __init__(self, work, _):
        self.mail = Path(work) / "mail"
        write_maildir(self.mail)
        config = Path(work) / "config"
        config.write_text(
            f"[database]\npath={self.mail}\n[user]\nname=Golden\nprimary_email={USER}\n[new]\ntags=\n"
            "[search]\nexclude_tags=\n[maildir]\nsynchronize_flags=true\n")
        self.environment = dict(XAPIAN, NOTMUCH_CONFIG=str(config))
        subprocess.run(["notmuch", "new", "--quiet", "--no-hooks"], env=self.environment, check=True)

    def operator(self, name, value):
        value = value.strip("<>") if name == "id" else value
        if name in self.fields:
            return f"{name}:{value}"
        if name == "filename":
            return f"attachment:{value}"
        if name == "is" and value.lower() in self.flags:
            return self.flags[value.lower()]
        if name == "has" and value.lower() in self.kinds:
            return self.kinds[value.lower()]
        if name == "in" and value:
            return "*" if value == "anywhere" else f'folder:"{folder(value)}"'
        raise Unsayable

    def ask(self, text):
        command = ["notmuch", "search", "--output=messages", "--exclude=false", "--", said(text, self.operator)]
        result = subprocess.run(command, env=self.environment, capture_output=True, text=True)
        if result.returncode:
            return REFUSED
        return {line[3:].partition("@")[0] for line in result.stdout.splitlines()}

    def close(self):
        pass


class Mu:
    fields = {"subject", "from", "body", "cc", "bcc", "list"}
    flags = {"unread": "flag:unread", "read": "flag:seen", "starred": "flag:flagged", "replied": "flag:replied"}
    kinds = {"attachment": "flag:attach", "pdf": "mime:application/pdf", "image": "mime:image/*",
             "calendar": "mime:text/calendar", "contact": "mime:text/vcard", "mail": "mime:message/rfc822",
             "audio": "mime:audio/*"}

    def __init__(self, work, _):
        mail, home = Path(work) / "mail", Path(work) / "home"
        write_maildir(mail)
        self.home = f"--muhome={home}"
        subprocess.run(["mu", "init", self.home, f"--maildir={mail}", "--quiet"], env=XAPIAN, check=True)
        subprocess.run(["mu", "index", self.home, "--quiet", "--nocolor"], env=XAPIAN, check=True)

    def operator(self, name, value):
        if name in self.fields:
            return f"{name}:{value}"
        renamed = {"to": "recip", "filename": "file", "attachment": "embed", "id": "msgid"}
        if name in renamed:
            return f"{renamed[name]}:{value.strip('<>')}"
        if name == "is" and value.lower() in self.flags:
            return self.flags[value.lower()]
        if name == "has" and value.lower() in self.kinds:
            return self.kinds[value.lower()]
        if name == "in" and value:
            return '""' if value == "anywhere" else f'maildir:"/{folder(value)}"'
        if name in ("larger", "size") and re.fullmatch(r"\d+[kKmM]?", value):
            return f"size:{value.upper()}.."
        if name == "smaller" and re.fullmatch(r"\d+[kKmM]?", value):
            return f"size:..{value.upper()}"
        raise Unsayable

    def ask(self, text):
        command = ["mu", "find", self.home, "--nocolor", "--fields=i", "--maxnum=10000", said(text, self.operator)]
        result = subprocess.run(command, env=XAPIAN, capture_output=True, text=True)
        # 2 and 4 are mu's codes for a search that finds nothing.
        if result.returncode not in (0, 2, 4):
            return REFUSED
        return {line.partition("@")[0] for line in result.stdout.splitlines() if "@" in line}

    def close(self):
        pass


def write_maildir(directory):
    """The inbox in `directory`, other folders in directories of it."""
    for number, (name, _, content, marks) in enumerate(mails()):
        own = directory if name == "Inbox" else directory / name
        for part in ("cur", "new", "tmp"):
            (own / part).mkdir(parents=True, exist_ok=True)
        (own / "cur" / f"{number:04}.golden:2,{marks}").write_bytes(content)


class Maildex:
    def __init__(self, work, binary):
        server = Server(binary, Path(work) / "data")
        server.run("user", "add", USER)
        server.run("import", "--user", USER, GOLDEN / "mailbox")
        server.start()
        self.server, self.client = server, Client(server.http, USER)
        self.names = {}
        for _, name, _, _ in mails():
            for hit in self.client.search(f"in:anywhere id:{name}@{DOMAIN}")["hits"]:
                self.names[hit["message"]["id"]] = name

    def ask(self, text):
        status, _, body = self.client.ask("POST", "/v1/search", {"query": text, "limit": 500})
        if status == 400:
            return REFUSED
        return {self.names[hit["message"]["id"]] for hit in json.loads(body)["hits"]}

    def close(self):
        self.server.stop()


ENGINES = {"maildex": Maildex, "notmuch": Notmuch, "mu": Mu}


# Counting


def score(engine, shown, hidden, show):
    counts = {}
    for group, identifier, text, expected in queries(shown):
        row = counts.setdefault(group, [0, 0, 0])
        row[2] += 1
        try:
            answer = engine.ask(text)
        except Unsayable:
            continue
        row[1] += 1
        if answer != REFUSED and expected != REFUSED and not expected & hidden:
            answer -= hidden
        if answer == expected:
            row[0] += 1
        elif show:
            print(f"{type(engine).__name__} {identifier} {shlex.quote(text)}: {told(answer)}, not {told(expected)}",
                  file=sys.stderr)
    counts["all"] = [sum(row[column] for row in counts.values()) for column in range(3)]
    return counts


def told(answer):
    return "refused" if answer == REFUSED else " ".join(sorted(answer)[:12]) or "nothing"


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--binary", type=Path, default=BINARY)
    parser.add_argument("--engines", default="maildex,notmuch,mu")
    parser.add_argument("--show", action="store_true", help="print every answer that is not the expected one")
    arguments = parser.parse_args()
    every = [(folder_name, name) for folder_name, name, _, _ in mails()]
    hidden = {name for folder_name, name in every if folder_name in HIDDEN}
    shown = {name for _, name in every} - hidden
    counts = {}
    for name in arguments.engines.split(","):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as work:
            engine = ENGINES[name](work, arguments.binary)
            counts[name] = score(engine, shown, hidden, arguments.show)
            engine.close()
        right, asked, total = counts[name]["all"]
        seconds = time.monotonic() - began
        note(f"{name}: {right} as expected of {asked} that it can be asked, of {total}; {seconds:.0f} s")
    print(json.dumps(counts))


if __name__ == "__main__":
    main()
