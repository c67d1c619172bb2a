#!/usr/bin/env python3
"""Writes the document file of the search benchmark: one mail a line, sorted by date, every engine reads the same one.

    bench/rigs/documents.py --out FILE.jsonl [--count N] [--archive enron|spamassassin] [--users N [--lognormal]] [--seed S]
                            [--years Y] [--generated]

A line is `{u user, d date as Unix seconds, f from, t to and cc, s subject, b body text, i Message-ID, r unread (0, 1)}`.
A document's rank is its line number from 1; dates grow strictly, so rank order is date order and a newest-20 list has no
ties. Message-IDs are unique, one mail in ten is unread.

- Up to the size of the corpus (Enron: 49,541 mails; SpamAssassin: 3,048, of one user) the documents are real mails, drawn by the
  seed; with --count 0 all of them that have a date and text.
- Beyond it they are recombined: people of one real mail, subject of another, as many lines as a third has, in runs of
  neighbouring lines of the corpus, and one invented reference each, so that the vocabulary goes on growing. Dates are
  spread evenly over --years.
- Without the corpus, or with --generated, mails are made of invented words in Zipf's proportions.

Users are the owners of the real mailboxes, or with --users N as many invented ones, evenly or with lognormal sizes.

Text is brought to what all engines tokenise alike, so that their answers can be compared exactly: subject and body are
ASCII (accents folded, everything else a blank); a sign between letters becomes a blank (`don't` is `don t`, `a/b` is
`a b`); words that case divides are written apart (`QuarterlyReport` is `Quarterly Report`), since Maildex finds their parts and its
peers do not; beside a word only an opening `( "` and a closing `. , ; : ! ? ) "` stay; a word of more than 39 letters is cut
there, because tantivy drops longer ones. Case and line ends stay. Addresses stay whole in `f` and `t`: an engine without
a notion of addresses is given `plain(…)`, their letters and digits, which are the parts that any of them finds.
"""
import argparse
import email
import email.utils
import html
import json
import math
import random
import re
import sys
import tempfile
import unicodedata
from dataclasses import dataclass
from itertools import accumulate, islice
from pathlib import Path

sys.dont_write_bytecode = True
import corpus  # noqa: E402
from server import note  # noqa: E402

LONGEST_WORD = 39  # letters
UNREAD_SHARE = 0.1
FIRST_DAY = 1_451_606_400  # 2016-01-01, where recombined and generated mail begins
YEAR = 365 * 86_400  # seconds
WORD = re.compile(r"[a-z0-9]+")
CAPITAL_WITHIN = re.compile(r"[A-Za-z0-9]+[A-Z][A-Za-z0-9]*")


@dataclass(slots=True)
class Mail:
    """What a document is made of. `date` in Unix seconds, `lines` the body's."""
    user: str
    date: int
    sender: str
    recipients: str
    subject: str
    lines: list
    message_id: str


# Text that everybody tokenises alike


def ascii_text(text):
    """Accents folded, everything outside ASCII a blank, line ends `\\n`."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = "".join(c if c < "\x7f" else " " for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.sub(r"[^\n\x20-\x7e]", " ", text)


def divided(match):
    """A run of letters and digits, written apart where case divides it."""
    return " ".join(corpus.case_parts(match[0], keeps_all=True)) or match[0]


def normalise(text):
    """Subject or body as the module's comment says."""
    text = re.sub(r"(?<=[A-Za-z0-9])[^A-Za-z0-9\s]+(?=[A-Za-z0-9])", " ", ascii_text(text))
    text = re.sub(r"""[^A-Za-z0-9\s.,;:!?()"]""", " ", text)
    text = re.sub(r"[.,;:!?)]+(?=[A-Za-z0-9])", " ", text)
    text = CAPITAL_WITHIN.sub(divided, re.sub(rf"([A-Za-z0-9]{{{LONGEST_WORD}}})[A-Za-z0-9]+", r"\1", text))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+", " ", text)).strip()


def normalise_people(text):
    """A list of addresses in ASCII, without signs that no address needs."""
    text = re.sub(r"[^A-Za-z0-9@.<>,_+\- ]", " ", ascii_text(text))
    text = re.sub(rf"([A-Za-z0-9]{{{LONGEST_WORD}}})[A-Za-z0-9]+", r"\1", text)
    return re.sub(r" +", " ", CAPITAL_WITHIN.sub(divided, text)).strip()


def plain(text):
    """Letters and digits with blanks between: what the parts of an address are to an engine that knows no addresses."""
    return re.sub(r"[^A-Za-z0-9]+", " ", text)


def words(text):
    """The words of normalised text, in order."""
    return WORD.findall(text.lower())


def read(path):
    """The lines of a document file as dictionaries; the first has rank 1."""
    with open(path, encoding="ascii") as file:
        for line in file:
            yield json.loads(line)


def text_bytes(document):
    """Bytes of subject, body and people: what sizes are set against."""
    return sum(len(document[key]) for key in "sbft")


# Real mail


def parse(raw, user):
    """A mail of the corpus; `None` when it has no date or no text. Enron keeps the sender's name in X-From."""
    message = email.message_from_bytes(raw)
    try:
        date = int(email.utils.parsedate_to_datetime(message["Date"]).timestamp())
    except (TypeError, ValueError, OverflowError):
        return None
    people = ", ".join(corpus.header(value) for name in ("To", "Cc") for value in message.get_all(name, []))
    body = normalise(body_text(message))
    if not body or date < 0:
        return None
    return Mail(user, date, normalise_people(sender(message)), normalise_people(people),
                normalise(corpus.header(message["Subject"] or "")).replace("\n", " "), body.split("\n"),
                (message["Message-ID"] or "").strip(" <>\t\r\n"))


def sender(message):
    """`Name <address>` where the name is one of plain words."""
    address = corpus.header(message["From"] or "")
    name = corpus.header(message["X-From"] or "").strip()
    return f"{name} <{address}>" if re.fullmatch(r"[A-Za-z. ]{3,40}", name) and "<" not in address else address


def body_text(message):
    """The plain text parts, decoded; of a mail without one the text between the tags of its HTML."""
    parts = [(part.get_content_subtype(), corpus.decode(part.get_payload(decode=True) or b"", part.get_content_charset()))
             for part in message.walk() if part.get_content_maintype() == "text"]
    plain_text = "\n".join(text for kind, text in parts if kind == "plain")
    return plain_text if plain_text.strip() else "\n".join(text_of_html(text) for kind, text in parts if kind == "html")


def text_of_html(source):
    """Roughly what a reader sees: no scripts, styles, comments or tags, entities resolved."""
    source = re.sub(r"(?is)<(script|style)\b.*?</\1\s*>|<!--.*?-->", " ", source)
    return html.unescape(re.sub(r"<[^>]*>", " ", source))


def raw_mails(folder):
    """(bytes, owner's address) of every mail in the corpus."""
    for name, address in corpus.users(folder).items():
        for raw in corpus.mails(folder / name):
            yield raw, address


def real(everything, count, generator):
    """`count` mails of the corpus in order of date, fewer only when it has no more that can be parsed."""
    generator.shuffle(everything)
    parsed = (mail for raw, user in everything if (mail := parse(raw, user)))
    return sorted(islice(parsed, count), key=lambda mail: (mail.date, mail.message_id))


# Mail that never was


def recombined(mails, count, generator, years):
    """`count` mails in order of date out of the lines, subjects and people of real ones."""
    lines = [line for mail in mails for line in mail.lines]
    for number, date in enumerate(spread_dates(count, generator, years)):
        people, topic = generator.choice(mails), generator.choice(mails)
        body, wanted = [], len(generator.choice(mails).lines)
        while len(body) < wanted:
            start, run = generator.randrange(len(lines)), 1 + int(generator.expovariate(1 / 6))
            body += lines[start:start + min(run, wanted - len(body))]
        body.append(f"Ref {invented_word(generator)} {number}")
        yield Mail(people.user, date, people.sender, people.recipients, topic.subject, body, f"{number}.recombined@example.com")


def generated(count, generator, years, vocabulary=60_000):
    """`count` mails of invented words: Zipf's proportions, lognormal lengths (median 150 words), twelve words a line."""
    known = [invented_word(generator) for _ in range(vocabulary)]
    weights = list(accumulate(1 / (rank + 2.7) for rank in range(vocabulary)))
    people = [f"{a.capitalize()} {b.capitalize()} <{a}.{b}@{c}.example>" for a, b, c in
              zip(known[200:600], known[1000:1400], known[50:90] * 10)]
    for number, date in enumerate(spread_dates(count, generator, years)):
        length = 5 + min(5_000, int(generator.lognormvariate(math.log(150), 1)))
        text = generator.choices(known, cum_weights=weights, k=length)
        body = [" ".join(text[at:at + 12]).capitalize() + "." for at in range(0, length, 12)]
        body.append(f"Ref {invented_word(generator)} {number}")
        yield Mail(f"user{generator.randrange(50)}@example.com", date, generator.choice(people),
                   ", ".join(generator.sample(people, 1 + generator.randrange(3))),
                   " ".join(generator.choices(known, cum_weights=weights, k=generator.randint(2, 8))).capitalize(), body,
                   f"{number}.generated@example.com")


def invented_word(generator):
    """Two to four syllables, as a rule one that no other text has."""
    return "".join(generator.choice(letters) for _ in range(generator.randint(2, 4))
                   for letters in ("bcdfghklmnprstvwz", "aeiou", ["", "", "n", "r", "s", "l"]))


def spread_dates(count, generator, years):
    """`count` different seconds in order, evenly over the years."""
    return sorted(generator.sample(range(FIRST_DAY, FIRST_DAY + int(years * YEAR)), count))


# The file


def user_chooser(count, is_lognormal, generator):
    """A function that gives each document its user: users of equal or of lognormal (σ 1.5) sizes."""
    names = [f"u{number:06}@example.com" for number in range(count)]
    if not is_lognormal:
        return lambda: generator.choice(names)
    weights = list(accumulate(generator.lognormvariate(0, 1.5) for _ in names))
    return lambda: generator.choices(names, cum_weights=weights)[0]


def documents(mails, generator, choose_user=None):
    """The documents of mails in order of date; a date that is not later than the one before moves one second past it."""
    last, seen = -1, set()
    for number, mail in enumerate(mails):
        last = max(mail.date, last + 1)
        message_id = mail.message_id
        if not message_id or message_id in seen:
            message_id = f"{number}.{message_id or 'none@example.com'}"
        seen.add(message_id)
        yield {"u": choose_user() if choose_user else mail.user, "d": last, "f": mail.sender, "t": mail.recipients,
               "s": mail.subject, "b": "\n".join(mail.lines), "i": message_id, "r": int(generator.random() < UNREAD_SHARE)}


def has_corpus(arguments):
    return not arguments.generated and bool(
        arguments.corpus or arguments.sample or corpus.archive_path(arguments.archive).exists())


def choose_mails(arguments, work, generator):
    """The source that the arguments and the corpus allow, and its mails."""
    if not has_corpus(arguments):
        return "generated", generated(arguments.count, generator, arguments.years)
    everything = sorted(raw_mails(corpus.find(arguments, work)))
    note(f"{len(everything)} mails in the corpus")
    if arguments.count <= len(everything):
        return "real", real(everything, arguments.count or len(everything), generator)
    return "recombined", recombined(real(everything, len(everything), generator), arguments.count, generator, arguments.years)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    corpus.add_arguments(parser)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=100_000, help="documents; 0 for all real mails there are")
    parser.add_argument("--users", type=int, default=0, help="invented users; 0 for the owners of the mailboxes")
    parser.add_argument("--lognormal", action="store_true", help="users of lognormal sizes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--years", type=float, default=8, help="that recombined and generated mail is spread over")
    parser.add_argument("--generated", action="store_true", help="invented words although the corpus is there")
    arguments = parser.parse_args()
    generator = random.Random(arguments.seed)
    choose_user = user_chooser(arguments.users, arguments.lognormal, generator) if arguments.users else None
    count = size = 0
    users = set()
    with tempfile.TemporaryDirectory(prefix="maildex-documents-") as work, open(arguments.out, "w", encoding="ascii") as out:
        source, mails = choose_mails(arguments, work, generator)
        for document in documents(mails, generator, choose_user):
            out.write(json.dumps(document, separators=(",", ":")) + "\n")
            count, size = count + 1, size + text_bytes(document)
            users.add(document["u"])
    print(json.dumps({"source": source, "documents": count, "users": len(users), "text_mb": round(size / 1e6, 2),
                      "bytes_document": round(size / max(1, count)), "seed": arguments.seed}), flush=True)
    if count == 0 or arguments.count not in (0, count):
        sys.exit(f"FAILED: {arguments.count} documents asked for, {count} written (mails without date or text are left out)")


if __name__ == "__main__":
    main()
