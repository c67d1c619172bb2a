"""Writes mail as bytes: header fields, encoded words, parts and transfer encodings.

Python's own email package is not used, because its output changes between versions and the mailbox is compared
byte for byte. Lines end with LF, as in mbox files.
"""
import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

CODECS = {"ks_c_5601-1987": "cp949", "euc-kr": "euc_kr", "gb2312": "gb2312", "shift_jis": "shift_jis"}
LATIN = ("iso-8859-1", "windows-1252", "iso-8859-7")


def number(*parts):
    """A number that depends on `parts` alone: what looks random in the mailbox comes from here."""
    return int.from_bytes(hashlib.sha256("\0".join(map(str, parts)).encode()).digest()[:8], "big")


def encode(text, charset):
    return text.encode(CODECS.get(charset, charset), "replace")


# Dates


def last_sunday(year, month):
    day = datetime(year, month, 31, 1)
    return day - timedelta(days=(day.weekday() + 1) % 7)


def offset_of(zone, moment):
    """`moment` is UTC without a zone."""
    if zone != "hamburg":
        sign = -1 if zone[0] == "-" else 1
        return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
    summer = last_sunday(moment.year, 3) <= moment < last_sunday(moment.year, 10)
    return timedelta(hours=2 if summer else 1)


def from_local(text, zone):
    """Local time, "2024-03-04 09:12", as UTC."""
    local = datetime.strptime(text, "%Y-%m-%d %H:%M")
    return local - offset_of(zone, local - timedelta(hours=1))


def from_hamburg(text):
    return from_local(text, "hamburg")


def date_field(moment, zone):
    offset = offset_of(zone, moment)
    return (moment.replace(tzinfo=timezone.utc).astimezone(timezone(offset))).strftime("%a, %d %b %Y %H:%M:%S %z")


# Header fields


def encoded_words(text, charset):
    """RFC 2047: words of at most 75 characters, none cutting a character in two."""
    words, chunk = [], ""
    latin = charset in LATIN[:2]

    def wrap(chunk):
        data = encode(chunk, charset)
        if not latin:
            return f"=?{charset}?B?{base64.b64encode(data).decode()}?="
        q = "".join(chr(b) if chr(b).isalnum() and b < 128 else "_" if b == 32 else f"={b:02X}" for b in data)
        return f"=?{charset}?Q?{q}?="

    for character in text:
        if len(wrap(chunk + character)) > 75:
            words.append(wrap(chunk))
            chunk = ""
        chunk += character
    return "\n ".join(words + [wrap(chunk)])


def unstructured(text, charset):
    if text.isascii():
        return fold(text)
    return encoded_words(text, charset if charset != "us-ascii" else "utf-8")


def fold(text):
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + 1 + len(word) > 66:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n ".join(lines + [line])


def address_field(people, charset):
    def one(person):
        if not person.name.isascii():
            return f"{encoded_words(person.name, charset if covers(person.name, charset) else 'utf-8')} <{person.address}>"
        name = f'"{person.name}"' if re.search(r"[.,&]", person.name) else person.name
        return f"{name} <{person.address}>"

    return ",\n ".join(one(person) for person in people)


def covers(text, charset):
    try:
        text.encode(CODECS.get(charset, charset))
        return True
    except UnicodeEncodeError:
        return False


def parameter(name, value, charset):
    """A file name: plain, as RFC 2231 (split when long), or as the encoded word that many programs write."""
    if value.isascii():
        return f'{name}="{value}"'
    if charset not in ("utf-8", "us-ascii"):
        return f'{name}="{encoded_words(value, charset)}"'
    coded = "".join(chr(b) if chr(b).isalnum() and b < 128 or b in b"-._" else f"%{b:02X}" for b in value.encode())
    if len(coded) <= 45:
        return f"{name}*=utf-8''{coded}"
    pieces = re.findall(r"(?:%..|.){1,20}", coded)
    pieces[0] = "utf-8''" + pieces[0]
    return ";\n ".join(f"{name}*{index}*={piece}" for index, piece in enumerate(pieces))


# Bodies


def quoted_printable(data):
    lines = []
    for raw in data.split(b"\n"):
        line = ""
        for index, byte in enumerate(raw):
            last = index == len(raw) - 1
            plain = 33 <= byte <= 126 and byte != 61 or byte in (32, 9) and not last
            unit = chr(byte) if plain else f"={byte:02X}"
            if len(line) + len(unit) > 75:
                lines.append(line + "=")
                line = ""
            line += unit
        lines.append(line)
    return "\n".join(lines).encode()


def base64_lines(data):
    text = base64.b64encode(data).decode()
    return "\n".join(text[i:i + 76] for i in range(0, len(text), 76)).encode() + b"\n"


@dataclass
class Part:
    """One MIME entity: its header fields and its encoded body, or the parts it holds."""
    content_type: str
    body: bytes = b""
    fields: list = field(default_factory=list)

    def render(self):
        head = "".join(f"{name}: {value}\n" for name, value in [("Content-Type", self.content_type), *self.fields])
        return head.encode() + b"\n" + self.body


def text_part(text, subtype, charset, key, flowed=False):
    if text.isascii() and charset in ("utf-8", "iso-8859-1"):
        charset = "us-ascii"
    data = encode(text, charset)
    content_type = f"text/{subtype}; charset={charset}"
    if flowed:
        content_type += "; format=flowed"
    if charset == "us-ascii" or charset == "iso-2022-jp":
        return Part(content_type, data, [("Content-Transfer-Encoding", "7bit")])
    if charset in LATIN:
        encoding = ("quoted-printable", "8bit")[number(key, "cte") % 2]
    else:
        encoding = ("base64", "8bit", "quoted-printable")[number(key, "cte") % 3]
    body = {"base64": base64_lines, "quoted-printable": quoted_printable, "8bit": bytes}[encoding](data)
    return Part(content_type, body, [("Content-Transfer-Encoding", encoding)])


def multipart(subtype, parts, key, preamble=""):
    boundary = f"=_{number(key, subtype, 'boundary'):016x}"
    body = preamble.encode()
    for part in parts:
        body += f"--{boundary}\n".encode() + part.render() + b"\n"
    body += f"--{boundary}--\n".encode()
    return Part(f'multipart/{subtype};\n boundary="{boundary}"', body)


def attachment_part(filename, content_type, data, charset="utf-8", inline_id=None):
    kind = "inline" if inline_id else "attachment"
    name = parameter("name", filename, charset) if filename.isascii() or charset != "utf-8" else None
    fields = [
        ("Content-Disposition", f"{kind};\n " + parameter("filename", filename, charset)),
        ("Content-Transfer-Encoding", "base64"),
    ]
    if inline_id:
        fields.append(("Content-ID", f"<{inline_id}>"))
    return Part(content_type + (f";\n {name}" if name else ""), base64_lines(data), fields)


def message_part(message):
    return Part("message/rfc822", message, [("Content-Disposition", "attachment; filename=\"forwarded.eml\"")])
