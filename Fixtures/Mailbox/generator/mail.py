"""One mail of the sample mailbox, and how it looks in each mailbox that holds a copy of it."""
import html
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from . import attachments, mime
from .people import LISTS, PEOPLE, USERS

STYLE = "body { font-family: sans-serif; color: #223 } .small { color: #889; font-size: 80% }"


@dataclass
class Mail:
    key: str
    sent: datetime  # UTC
    sender: str
    to: list
    subject: str
    text: str
    cc: list = field(default_factory=list)
    html: str = None
    html_only: bool = False
    charset: str = "utf-8"
    flowed: bool = False
    attached: list = field(default_factory=list)
    parts: list = field(default_factory=list)  # ready parts after the text
    forwarded: bytes = None
    parent: "Mail" = None
    list_name: str = None
    extra: list = field(default_factory=list)
    folders: dict = field(default_factory=dict)
    starred: bool = False
    unread: bool = None
    answered_by: set = field(default_factory=set)
    raw: bytes = None  # a broken mail is written by hand

    @property
    def message_id(self):
        domain = PEOPLE[self.sender].address.split("@")[1]
        return f"{self.sent:%Y%m%d%H%M}.{mime.number(self.key, 'id') % 10**10:010}@{domain}"

    @property
    def references(self):
        return (self.parent.references + [self.parent.message_id]) if self.parent else []

    def render(self):
        """The mail as its sender wrote it, without trace fields."""
        if self.raw is not None:
            return self.raw
        sender = PEOPLE[self.sender]
        charset = self.charset
        fields = [
            ("From", mime.address_field([sender], charset)),
            ("To", mime.address_field([PEOPLE[name] for name in self.to], charset)),
        ]
        if self.cc:
            fields.append(("Cc", mime.address_field([PEOPLE[name] for name in self.cc], charset)))
        if self.subject:
            usable = charset if mime.covers(self.subject, charset) else "utf-8"
            fields.append(("Subject", mime.unstructured(self.subject, usable)))
        fields.append(("Date", mime.date_field(self.sent, sender.zone)))
        fields.append(("Message-ID", f"<{self.message_id}>"))
        if self.parent:
            fields.append(("In-Reply-To", f"<{self.parent.message_id}>"))
            fields.append(("References", "\n ".join(f"<{name}>" for name in self.references)))
        if self.list_name:
            fields += [
                ("List-Id", f"Dike Riders <{self.list_name}.lists.dike-riders.example>"),
                ("List-Unsubscribe", f"<mailto:{self.list_name}-leave@lists.dike-riders.example>"),
            ]
        if sender.mailer:
            fields.append(("X-Mailer" if mime.number(sender.mailer) % 2 else "User-Agent", sender.mailer))
        fields += self.extra + [("MIME-Version", "1.0")]
        head = "".join(f"{name}: {value}\n" for name, value in fields)
        return head.encode() + self.entity().render()

    def entity(self):
        plain = mime.text_part(flow(self.text) if self.flowed else self.text, "plain", self.charset, self.key, self.flowed)
        body = plain
        if self.html:
            rich = mime.text_part(self.html, "html", "utf-8", self.key + "html")
            body = rich if self.html_only else mime.multipart("alternative", [plain, rich], self.key)
        extra = [mime.attachment_part(name, *attachments.content(name), self.charset) for name in self.attached]
        if self.forwarded:
            extra.append(mime.message_part(self.forwarded))
        extra += self.parts
        return mime.multipart("mixed", [body, *extra], self.key) if extra else body

    def copies(self):
        """Pairs (user, folder, bytes): what lies in whose mailbox, with status and trace fields."""
        sender = PEOPLE[self.sender]
        receivers = [name for name in self.to + self.cc]
        receivers += [member for name in receivers for member in LISTS.get(name, ())]
        for user in USERS:
            own = PEOPLE[user].address == sender.address
            if own:
                yield user, self.folders.get("sender", "Sent"), self.status(user, True) + self.render()
            if user in receivers and not own:
                folder = self.folders.get(user) or self.folders.get("*") or self.default_folder()
                yield user, folder, self.trace(user) + self.status(user, False) + self.render()

    def default_folder(self):
        return "Inbox" if self.sent.year * 12 + self.sent.month >= 2025 * 12 + 6 else "Archive"

    def status(self, user, own):
        new = self.unread
        if new is None:
            recent = (self.sent.year, self.sent.month) >= (2025, 10)
            new = recent and user not in self.answered_by and mime.number(self.key, user, "read") % 3 == 0
        flags = ("A" if user in self.answered_by else "") + ("F" if self.starred and not own else "")
        read = "RO" if own or not new else "O"
        return (f"Status: {read}\n" + (f"X-Status: {flags}\n" if flags else "")).encode()

    def trace(self, user):
        sender, receiver = PEOPLE[self.sender], PEOPLE[user]
        host, here = "mail." + sender.address.split("@")[1], "mx." + receiver.address.split("@")[1]
        chance = mime.number(self.key, user, "received")
        arrived = self.sent + timedelta(seconds=2 + chance % 40)
        return (
            f"Return-Path: <{sender.address}>\n"
            f"Delivered-To: {receiver.address}\n"
            f"Received: from {host} ({host} [203.0.113.{mime.number(host) % 254 + 1}])\n"
            f"\tby {here} with ESMTPS id {chance:016X}\n"
            f"\tfor <{receiver.address}>; {mime.date_field(arrived, '+0000')}\n"
        ).encode()


def quote(parent, reader_zone="hamburg"):
    """The parent's text as a reply shows it: two levels at most, so that long threads stay readable."""
    person = PEOPLE[parent.sender]
    local = parent.sent + mime.offset_of(reader_zone, parent.sent)
    lines = [line for line in parent.text.rstrip("\n").split("\n") if not line.startswith("> >")]
    marked = "\n".join(("> " + line).rstrip() for line in lines)
    return f"On {local:%a, %d %b %Y} at {local:%H:%M}, {person.name} wrote:\n{marked}\n"


def reply_text(sender, text, parent):
    if PEOPLE[sender].top_posts:
        return f"{text}\n{quote(parent, PEOPLE[sender].zone)}"
    return f"{quote(parent, PEOPLE[sender].zone)}\n{text}"


def to_html(text, title):
    """What a mail program makes of plain text: paragraphs, line breaks, quotes in a block."""
    blocks = []
    for block in re.split(r"\n{2,}", text.strip("\n")):
        if block.startswith("> "):
            block = re.sub(r"^> ?", "", block, flags=re.MULTILINE)
            blocks.append(f"<blockquote>{html.escape(block, False).replace(chr(10), '<br>' + chr(10))}</blockquote>")
        else:
            blocks.append(f"<p>{html.escape(block, False).replace(chr(10), '<br>' + chr(10))}</p>")
    return (
        f"<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{html.escape(title, False)}</title>\n"
        f"<style>{STYLE}</style></head>\n<body>\n" + "\n".join(blocks) + "\n</body></html>\n")


def flow(text):
    """RFC 3676: long paragraphs are broken at 72 columns with a space at the end of each line but the last."""
    out = []
    for line in text.split("\n"):
        mark = "> " if line.startswith("> ") else ""
        words, current = line[len(mark):].split(" "), mark
        for word in words:
            if len(current) > len(mark) and len(current) + len(word) > 72:
                out.append(current + " ")
                current = mark
            current += (" " if len(current) > len(mark) else "") + word
        out.append(current)
    return "\n".join(out)
