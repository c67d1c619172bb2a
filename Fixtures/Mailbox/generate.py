#!/usr/bin/env python3
"""Writes the sample mailbox: three users' folders as mboxrd files, the same bytes every time.

    python3 Fixtures/Mailbox/generate.py            write it again
    python3 Fixtures/Mailbox/generate.py --check    say what differs from what is committed

Conversations are in scenes/*.txt; everything else (what companies send, calendar, spam, broken mail) in generator/.
"""
import collections
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import mbox_files  # noqa: E402
from generator import broken, periodic, scenes  # noqa: E402
from generator.people import PEOPLE  # noqa: E402


def mbox_entry(sender, sent, message):
    """mboxrd: lines that begin with From, however often quoted, get one more >; one empty line ends a message."""
    quoted = re.sub(rb"^(>*From )", rb">\1", message, flags=re.MULTILINE)
    if not quoted.endswith(b"\n"):
        quoted += b"\n"
    return f"From {sender} {sent:%a %b} {sent.day:2} {sent:%H:%M:%S %Y}\n".encode() + quoted + b"\n"


def mailboxes():
    """The files, as {path: bytes}. Inside a folder mail lies in the order of its arrival."""
    mails = [*scenes.read(HERE / "scenes"), *periodic.mails(), *broken.mails()]
    entries = collections.defaultdict(list)
    for mail in sorted(mails, key=lambda mail: (mail.sent, mail.key)):
        for user, folder, message in mail.copies():
            entries[f"{PEOPLE[user].address}/{folder}.mbox"].append(
                mbox_entry(PEOPLE[mail.sender].address, mail.sent, message))
    return {path: b"".join(parts) for path, parts in entries.items()}


mbox_files.main(HERE, "*@*/*.mbox", mailboxes())
