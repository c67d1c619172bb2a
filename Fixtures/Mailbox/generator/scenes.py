"""Reads the conversations of `scenes/*.txt`, which are written to be read:

    # a remark
    === the subject of the thread
    folders: alice:Projects bob:Archive      where its readers file it
    list: bikes                              when it runs over a list
    zone: +0900                              when its times are not Hamburg's
    --- 2024-03-04 10:05 bob > alice, carol {quote attach=harbour-map.pdf star}
    the text of the mail, up to the next line of marks

Each mail answers the one before it, unless it has a subject of its own. Words in braces:
quote, html, flowed, forward, star, unread, charset=…, attach=…, subject=… (up to the next known word).
"""
import re
from pathlib import Path

from . import mime
from .mail import Mail, reply_text, to_html

WORDS = r"(?: (?=(?:quote|html|flowed|forward|star|unread)\b|charset=|attach=|subject=)|$)"


def read(folder):
    mails = []
    for path in sorted(Path(folder).glob("*.txt")):
        for number, scene in enumerate(re.split(r"^=== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]):
            mails += read_scene(scene, f"{path.stem}/{number}")
    return mails


def read_scene(scene, key):
    opening, *takes = re.split(r"^--- ", scene, flags=re.MULTILINE)
    title, *settings = opening.strip().split("\n")
    settings = dict(line.split(": ", 1) for line in settings if not line.startswith("#"))
    folders = dict(pair.split(":") for pair in settings.get("folders", "").split())
    mails = []
    for index, take in enumerate(takes):
        mails.append(read_take(take, title, folders, settings, mails, f"{key}/{index}"))
    return mails


def read_take(take, title, folders, settings, earlier, key):
    first, text = take.split("\n", 1)
    match = re.fullmatch(r"(\S+ \S+) (\w+) > ([\w, ]+?)(?: \{(.*)\})?", first)
    assert match, f"not understood: --- {first}"
    options = dict(
        (word.split("=", 1) + [""])[:2] for word in re.split(WORDS, match[4] or "") if word)
    unknown = set(options) - {"quote", "html", "flowed", "forward", "star", "unread", "charset", "attach", "subject"}
    assert not unknown, f"unknown in {first}: {unknown}"

    sender, receivers = match[2], match[3].split(", ")
    lines = [line for line in text.rstrip("\n").split("\n") if not line.startswith("# ")]
    text = "\n".join(lines).rstrip("\n") + "\n"
    parent = earlier[-1] if earlier and "subject" not in options or "quote" in options else None
    subject = options.get("subject") or (title if not earlier else reply_subject(title))
    if parent is not None:
        parent.answered_by.add(sender)
    mail = Mail(
        key=key, sent=mime.from_local(match[1], settings.get("zone", "hamburg")), sender=sender, to=receivers[:1], cc=receivers[1:], subject=subject,
        text=reply_text(sender, text, parent) if "quote" in options else text,
        charset=options.get("charset", "utf-8"), flowed="flowed" in options,
        attached=[options["attach"]] if "attach" in options else [], parent=parent, folders=folders,
        list_name=settings.get("list"), starred="star" in options, unread=True if "unread" in options else None)
    if "html" in options:
        mail.html = to_html(mail.text, subject)
    if "forward" in options:
        mail.forwarded = earlier[-1].render()
    assert mail.sent > earlier[-1].sent if earlier else True, f"{key} is older than what it answers"
    return mail


def reply_subject(title):
    return title if title.lower().startswith("re: ") else f"Re: {title}"
