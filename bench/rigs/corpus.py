"""A mail corpus in the layout DIR/<user>/<folder>.mbox, and its mails cut apart without any code of the product."""
import email
import os
import re
import subprocess
import sys
import unicodedata
from email.header import decode_header, make_header
from pathlib import Path

from server import ROOT

DOMAIN = "example.com"
# Archives of the corpora directory → folders in them above those of the users.
ARCHIVES = {"enron": 1, "spamassassin": 0}


def add_arguments(parser):
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--corpus", type=Path, default=None, help="by default an archive of the corpora directory")
    choice.add_argument("--archive", choices=ARCHIVES, default="enron", help="which one; enron by default")
    choice.add_argument("--sample", action="store_true", help="the sample mailbox of Fixtures, without its broken mail")


def find(arguments, work):
    """The corpus directory: the given one, the sample mailbox laid out anew, or the archive unpacked into `work`."""
    if arguments.corpus:
        return arguments.corpus
    folder = Path(work) / "mail"
    folder.mkdir()
    if arguments.sample:
        lay_out_sample(folder)
        return folder
    archive = archive_path(arguments.archive)
    if not archive.exists():
        sys.exit(f"{archive} is not there; name a corpora directory with MAILDEX_CORPORA, or give --corpus or --sample")
    subprocess.run(["tar", "--zstd", "-xf", archive, "-C", folder, f"--strip-components={ARCHIVES[arguments.archive]}"],
                   check=True)
    return folder


def archive_path(name):
    return Path(os.environ.get("MAILDEX_CORPORA", ROOT.parent / "shared" / "corpora")) / f"{name}.tar.zst"


def lay_out_sample(folder):
    for user in sorted((ROOT / "Fixtures" / "Mailbox").glob("*@example.com")):
        own = folder / user.name.partition("@")[0]
        own.mkdir()
        for name in ("Sent.mbox", "Projects.mbox", "Receipts.mbox"):
            if (user / name).exists():
                (own / name).symlink_to(user / name)


def users(folder):
    """Name of the user's directory → address."""
    return {path.name: f"{path.name}@{DOMAIN}" for path in sorted(folder.iterdir()) if path.is_dir()}


def mails(directory):
    """The different mails in a user's mboxes, as bytes: separators gone, one `>` taken from `>From `."""
    seen = set()
    for path in sorted(directory.glob("*.mbox")):
        for entry in re.split(rb"(?m)^From .*\n", path.read_bytes())[1:]:
            entry = entry[:-1] if entry.endswith(b"\n\n") else entry
            entry = re.sub(rb"(?m)^>(>*From )", rb"\1", entry)
            if entry not in seen:
                seen.add(entry)
                yield entry


def text(raw):
    """Everything of a mail that a bare word covers, one line a header field, and its Message-ID."""
    mail = email.message_from_bytes(raw)
    lines = [header(value) for name in ("Subject", "From", "Sender", "To", "Cc", "Bcc") for value in mail.get_all(name, [])]
    for part in mail.walk():
        if part.get_filename():
            lines.append(part.get_filename())
        if part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment":
            content = part.get_payload(decode=True) or b""
            lines.append(decode(content, part.get_content_charset()))
    return "\n".join(lines), (mail["Message-ID"] or "").strip().strip("<>")


def header(value):
    try:
        return str(make_header(decode_header(str(value))))
    except (LookupError, ValueError):
        return str(value)


def decode(content, charset):
    for name in (charset, "utf-8", "cp1252"):
        try:
            return content.decode(name or "utf-8")
        except (LookupError, ValueError):
            pass
    return content.decode("latin-1")


def words(text):
    """The words of a text: runs of letters and digits and the parts into which case divides them, case and width gone, each also
    without its accents."""
    runs = set(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text)))
    found = {word.casefold() for run in runs for word in (run, *case_parts(run))}
    bare = ("".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)) for word in found)
    return found | set(bare)


def case_parts(word, keeps_all=False):
    """`QuarterlyReport`: Quarterly, Report, and of `iPhone` Phone, or with `keeps_all` i and Phone; none where it is whole. Divided before a capital behind a small letter or a digit, and before the last of several
    capitals that two small letters follow; whatever has many or short parts is a key and no word."""
    places = [place for place in range(1, len(word)) if word[place].isupper()
              and (not word[place - 1].isupper() or [letter.islower() for letter in word[place + 1:place + 3]] == [True, True])]
    if not 0 < len(places) < 8 or len(word.encode()) > 64:
        return []
    parts = [word[start:end] for start, end in zip([0] + places, places + [len(word)])]
    is_word = [sum(letter.isalpha() for letter in part) >= 2 for part in parts]
    return [part for part, good in zip(parts, is_word) if good or keeps_all] if all(is_word[1:]) else []
