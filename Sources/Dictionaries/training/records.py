"""Text records in the bytes of docs/formats/etr.md, and those of the sample mailbox."""
import email
import email.policy
import html
import re
from email.utils import getaddresses


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def string(text):
    data = text.encode("utf-8", "replace")
    return varint(len(data)) + data


def optional(text):
    return b"\0" if text is None else b"\1" + string(text)


def encode(subject="", people=((), (), (), (), ()), body="", names=(), texts=(), list_id=None, message_id=None):
    """`people` are From, To, Cc, Bcc and Reply-To: lists of (name or None, address)."""
    out = [b"\1", string(subject)]
    for entries in people:
        out.append(varint(len(entries)))
        out += [optional(name) + string(address) for name, address in entries]
    out.append(string(body))
    for strings in (names, texts):
        out.append(varint(len(strings)))
        out += [string(text) for text in strings]
    return b"".join(out) + optional(list_id) + optional(message_id)


def text_of(part):
    data = part.get_payload(decode=True) or b""
    try:
        text = data.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        text = data.decode("latin-1")
    if part.get_content_type() == "text/html":
        text = re.sub(r"(?is)<(style|script|head)\b.*?</\1>", "", text)
        text = re.sub(r"(?i)<(br|/p|/div|/tr|/h\d|/li)\b[^>]*>", "\n", text)
        text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return text.replace("\r\n", "\n")


def angled(value):
    found = re.search(r"<([^>]*)>", value or "")
    return found[1] if found else None


def record_of(message):
    """About what Maildex extracts of a mail: near enough to learn from."""
    def header(name):
        return str(email.header.make_header(email.header.decode_header(message.get(name, ""))))

    def addresses(name):
        return [(found or None, address) for found, address in getaddresses([header(name)])]

    plain, other, names = [], [], []
    for part in message.walk():
        if part.is_multipart():
            continue
        if part.get_filename():
            names.append(str(part.get_filename()))
        elif part.get_content_type() == "text/plain":
            plain.append(text_of(part))
        elif part.get_content_type() == "text/html":
            other.append(text_of(part))
    return encode(
        header("Subject"), [addresses(name) for name in ("From", "To", "Cc", "Bcc", "Reply-To")],
        "\n".join(plain or other), names, (), angled(header("List-ID")), angled(header("Message-ID")))


def sample_mailbox(folder):
    """A record of each mail of the sample mailbox that Python's parser can read."""
    records = []
    for path in sorted(folder.glob("*@*/*.mbox")):
        for raw in re.split(rb"^From .*\n", path.read_bytes(), flags=re.MULTILINE)[1:]:
            message = email.message_from_bytes(re.sub(rb"^>(>*From )", rb"\1", raw, flags=re.MULTILINE))
            try:
                records.append(record_of(message))
            except (LookupError, ValueError):
                pass  # one of the broken mails
    return records
