#!/usr/bin/env python3
"""Writes the golden mailbox: the mails of mails/*.txt as real mail, one mboxrd file for each folder.

    python3 Fixtures/Golden/generate.py            write it again
    python3 Fixtures/Golden/generate.py --check    say what differs from what is committed

The same bytes come out every time, with Python 3's standard library alone. README.md tells how the mails are written.
"""
import base64
import collections
import io
import quopri
import re
import sys
import unicodedata
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import mbox_files  # noqa: E402

DOMAIN = "golden.example"
# Python's name for a charset where it differs from the label.
CODECS = {"euc-kr": "euc_kr", "utf-16": "utf_16_be", "tis-620": "tis_620"}
NAMES = ("Subject", "From", "To", "Cc", "Bcc", "List-Id", "X-Mailer")


# Texts


def unescaped(text):
    r"""`\u{301}` stands for a character that a reader could not see; {long} and {pdf …} for what nobody wants to."""
    text = re.sub(r"\\u\{([0-9A-Fa-f]+)\}", lambda match: chr(int(match[1], 16)), text)
    return text.replace("{long}", "dotemacho" * 40)


def encode(text, charset):
    if charset == "utf-16":
        return b"\xfe\xff" + text.encode("utf_16_be")
    if charset == "iso-2022-jp-nec":
        return b"".join(jis_line(line) for line in text.splitlines(keepends=True))
    return text.encode(CODECS.get(charset, charset))


def jis_line(line):
    """ISO-2022-JP with NEC's row 13, which Python's codec has not."""
    text = line.rstrip("\n")
    if text.isascii():
        return line.encode()
    rows = bytes(byte & 0x7F for byte in text.encode("euc_jis_2004"))
    return b"\x1b$B" + rows + b"\x1b(B" + line[len(text):].encode()


def encoded_words(text, charset, label):
    """RFC 2047, words of so few characters that none is longer than 75."""
    step = 8 if charset in ("utf-8", "gb18030", "iso-2022-kr", "utf-7") else 12
    pieces = [text[index:index + step] for index in range(0, len(text), step)]
    words = [f"=?{label}?B?{base64.b64encode(encode(piece, charset)).decode()}?=" for piece in pieces]
    return "\n ".join(words)


# Mails


class Mail:
    def __init__(self, name, number, defaults):
        self.name = name
        self.number = number
        self.settings = dict(defaults)
        self.raw_headers, self.attachments = [], []
        self.body = ""

    def take(self, line):
        key, _, value = line.partition(":")
        value = unescaped(value.strip())
        if key == "raw-header":
            self.raw_headers.append(value)
        elif key in ("attach", "inline"):
            self.attachments.append((key, [part.strip() for part in value.split(" | ")]))
        else:
            self.settings[key] = value

    def get(self, key, otherwise=None):
        return self.settings.get(key, otherwise)

    def form(self, text):
        return unicodedata.normalize("NFD", text) if self.get("form") == "nfd" else text

    @property
    def charset(self):
        return self.get("charset", "utf-8")

    def moment(self, key):
        """Mails that say nothing about it were sent in 2021, a minute after the one before."""
        text = self.get(key)
        if text is None:
            return datetime(2021, 1, 1) + timedelta(minutes=self.number), "+0000"
        return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S"), text[20:] or "+0000"

    def date(self, key):
        moment, zone = self.moment(key)
        return f"{moment:%a, %d %b %Y %H:%M:%S} {zone}"

    def header_text(self, text):
        if text.isascii():
            return text.encode()
        charset = self.get("subject-charset", self.charset)
        label = charset if charset != self.charset else self.get("label", self.charset)
        return encoded_words(text, charset, label).encode()

    def address_text(self, text):
        """A display name is encoded, an address stays as it is."""
        def one(match):
            return self.header_text(match[0]).decode()
        return re.sub(r"^[^\x00-\x7F][^<]*(?= <)|^[A-Z][\w ]*[^\x00-\x7F][^<]*(?= <)", one, text).encode()

    def header(self):
        lines = []
        if self.get("received"):
            lines.append(b"Received: from a.example by b.example; " + self.date("received").encode())
        lines.append(b"Date: " + self.date("date").encode())
        for name in NAMES:
            text = self.form(self.get(name, ""))
            if not text or name == "Subject" and any(line.startswith("Subject:") for line in self.raw_headers):
                continue
            if name == "Subject" and self.get("raw-subject"):
                value = encode(text, self.charset)
            elif name == "Subject":
                value = self.header_text(text)
            else:
                value = self.address_text(text)
            lines.append(name.encode() + b": " + value)
        if not any(line.startswith("Message-ID:") for line in self.raw_headers):
            lines.append(f"Message-ID: <{self.name}@{DOMAIN}>".encode())
        lines += [line.encode() for line in self.raw_headers]
        lines += self.marks() + [b"MIME-Version: 1.0"]
        return b"\n".join(lines) + b"\n"

    def marks(self):
        flags = self.get("flags", "read").split()
        lines = [b"Status: RO" if "read" in flags else b"Status: O"]
        letters = "".join(letter for letter, flag in (("A", "replied"), ("F", "starred")) if flag in flags)
        if letters:
            lines.append(b"X-Status: " + letters.encode())
        if self.get("labels"):
            lines.append(b"X-Gmail-Labels: " + encoded_words(self.get("labels"), "utf-8", "utf-8").encode())
        return lines

    def text_part(self):
        text = self.form(unescaped(self.body))
        if self.get("fill"):
            line = "feather " * 9 + "\n"
            text += line * (int(self.get("fill")) // len(line))
        data = encode(text, self.charset)
        label = self.get("label", self.charset)
        content_type = "Content-Type: " + self.get("type", "text/plain")
        if label != "-":
            content_type += f"; charset={label}"
        encoding = self.get("encoding") or ("7bit" if all(byte < 128 for byte in data) else "8bit")
        if encoding == "base64":
            data = base64.encodebytes(data)
        elif encoding == "quoted-printable":
            data = quopri.encodestring(data)
        return f"{content_type}\nContent-Transfer-Encoding: {encoding}\n\n".encode() + data

    def file_part(self, kind, parts):
        name, content_type, *more = parts
        content = content_of(more[-1])
        lines = [f"Content-Type: {content_type}"]
        if kind == "inline":
            lines += [f"Content-ID: <{more[0]}>", f'Content-Disposition: inline; filename="{name}"']
        elif name == "-":
            lines.append("Content-Disposition: attachment")
        else:
            lines.append("Content-Disposition: attachment;\n " + self.filename(name))
        if content_type == "message/rfc822":
            return "\n".join(lines).encode() + b"\n\n" + content
        lines.append("Content-Transfer-Encoding: base64")
        return "\n".join(lines).encode() + b"\n\n" + base64.encodebytes(content)

    def filename(self, name):
        """Plain; with another charset as the encoded word that many programs write; else by RFC 2231."""
        if name.isascii():
            return f'filename="{name}"'
        if self.charset != "utf-8":
            return f'filename="{encoded_words(name, self.charset, self.charset)}"'
        return "filename*=utf-8''" + "".join(
            chr(byte) if chr(byte).isalnum() and byte < 128 or byte in b"._-" else f"%{byte:02X}"
            for byte in name.encode())

    def message(self):
        if not self.attachments:
            return self.header() + self.text_part()
        kind = "related" if self.attachments[0][0] == "inline" else "mixed"
        parts = [self.text_part()] + [self.file_part(*attachment) for attachment in self.attachments]
        boundary = f"=_{self.name}"
        message = self.header() + f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n'.encode()
        for part in parts:
            message += f"--{boundary}\n".encode() + part + (b"" if part.endswith(b"\n") else b"\n")
        return message + f"--{boundary}--\n".encode()


# Files


def content_of(text):
    match = re.fullmatch(r"\{(pdf|docx|zip) (.*)\}", text)
    if match:
        return {"pdf": pdf, "docx": docx, "zip": archive}[match[1]](match[2])
    return (text.replace("\\n", "\n") + "\n").encode()


def pdf(text):
    content = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    data, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return (f"{data}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
            f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n").encode()


def zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_STORED) as writer:
        for name, text in files.items():
            info = zipfile.ZipInfo(name, (2021, 1, 1, 0, 0, 0))
            info.create_system = 3
            writer.writestr(info, text)
    return data.getvalue()


def docx(text):
    office = "http://schemas.openxmlformats.org/"
    document = f"{office}officeDocument/2006/relationships/officeDocument"
    xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return zipped({
        "[Content_Types].xml":
            f'{xml}<Types xmlns="{office}package/2006/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
            'wordprocessingml.document.main+xml"/></Types>',
        "_rels/.rels":
            f'{xml}<Relationships xmlns="{office}package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{document}" Target="word/document.xml"/></Relationships>',
        "word/document.xml":
            f'{xml}<w:document xmlns:w="{office}wordprocessingml/2006/main"><w:body><w:p><w:r>'
            f"<w:t>{text}</w:t></w:r></w:p></w:body></w:document>",
    })


def archive(name):
    return zipped({name: "nothing\n"})


# The mailbox


def read_mails():
    mails = []
    for path in sorted((HERE / "mails").glob("*.txt")):
        defaults = {"From": "Dan <dan@example.net>", "To": "me@home.example"}
        for block in re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            head, _, body = block.partition("\n\n")
            name, *lines = head.splitlines()
            mail = Mail(name, len(mails), defaults)
            for line in lines:
                mail.take(line)
            if name == "defaults":
                defaults = mail.settings
                continue
            mail.body = body.strip("\n") + "\n"
            mails.append(mail)
    return mails


def mbox_entry(mail):
    """mboxrd: lines that begin with From, however often quoted, get one more >; one empty line ends a message."""
    quoted = re.sub(rb"^(>*From )", rb">\1", mail.message(), flags=re.MULTILINE)
    return b"From dan@example.net Fri Jan  1 00:00:00 2021\n" + quoted + b"\n"


def mailboxes():
    entries = collections.defaultdict(list)
    for mail in read_mails():
        entries[f"mailbox/{mail.get('folder', 'Inbox')}.mbox"].append(mbox_entry(mail))
    return {path: b"".join(parts) for path, parts in entries.items()}


mbox_files.main(HERE, "mailbox/*.mbox", mailboxes())
