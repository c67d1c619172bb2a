"""Mail that breaks the rules in one way each, as real mailboxes hold it. The subject, where there is one, says how."""
import base64

from . import mime
from .mail import Mail

def mails():
    for index, (moment, user, folder, make) in enumerate(CASES):
        mail = Mail(f"broken/{index}", mime.from_hamburg(moment), "neighbour", [user], "", "", raw=make(moment),
                    folders={user: folder})
        if make is no_headers:  # not even trace fields: the mail is its text
            mail.copies = lambda raw=mail.raw, user=user, folder=folder: iter([(user, folder, raw)])
        yield mail


def head(moment, subject, *more):
    sent = mime.from_hamburg(moment)
    lines = ["From: Ulrich Brandt <ulrich.brandt@ropewalk.example>", "To: undisclosed-recipients:;", f"Subject: {subject}",
             f"Date: {mime.date_field(sent, 'hamburg')}",
             f"Message-ID: <{mime.number(subject, moment) % 10**12}@ropewalk.example>", *more]
    return "\n".join(lines).encode("latin-1") + b"\n"


def bad_boundary(moment):
    return head(moment, "Boundary that never comes", "MIME-Version: 1.0",
                'Content-Type: multipart/mixed; boundary="expected-line"') + (
        b"\n--another-line\nContent-Type: text/plain\n\nThe stairwell light on the second floor is broken again.\n"
        b"--another-line--\n")


def no_closing_boundary(moment):
    return head(moment, "Cut off in the middle", "MIME-Version: 1.0", 'Content-Type: multipart/mixed; boundary="cut"') + (
        b"\n--cut\nContent-Type: text/plain; charset=utf-8\n\nThe cellar keys are in the blue flowerpot.\n--cut\n"
        b'Content-Type: application/pdf; name="cellar-plan.pdf"\nContent-Transfer-Encoding: base64\n'
        b'Content-Disposition: attachment; filename="cellar-plan.pdf"\n\nJVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMg\nMCBSL0Zp')


def wrong_charset_label(moment):
    """Latin-1 bytes that claim to be UTF-8."""
    return head(moment, "Falsche Beschriftung", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: 8bit") + "\nDie Müllabfuhr kommt wegen der Glätte erst übermorgen.\n".encode("latin-1")


def ascii_label(moment):
    """UTF-8 bytes that claim to be ASCII."""
    return head(moment, "Sprache ohne Etikett", "MIME-Version: 1.0", "Content-Type: text/plain; charset=us-ascii") + (
        "\nGrüße aus dem dritten Stock, die Bäckerei hat wieder geöffnet.\n".encode())


def unlabelled_korean(moment):
    """EUC-KR with no MIME field at all, as programs of the nineties sent it; the subject is raw as well."""
    return (b"From: minjun.park@badasori.example\nTo: carol@example.org\nSubject: " + "부두 공사 일정".encode("cp949")
            + f"\nDate: {mime.date_field(mime.from_hamburg(moment), '+0900')}\n".encode()
            + b"Message-ID: <19990101.raw@badasori.example>\n\n"
            + "북쪽 부두 공사는 다음 달 초에 시작합니다. 안전모를 꼭 가져오세요.\n".encode("cp949"))


def unlabelled_latin(moment):
    return head(moment, "Gruß aus Köln") + "\nSchöne Grüße, die Brücke ist gesperrt.\n".encode("latin-1")


def no_headers(moment):
    return (b"This mail lost its head somewhere between two relays.\n\nWhat remains is a request: whoever parks on the\n"
            b"pavement in front of number 14, please stop. The postman climbs.\n")


def nul_bytes(moment):
    return head(moment, "Zero bytes inside", "MIME-Version: 1.0", "Content-Type: text/plain") + (
        b"\nThe scanner in the hall put\0 three\0\0 zero bytes into this sentence about umbrellas.\n")


def unknown_charset(moment):
    return head(moment, "=?x-unknown-42?Q?Charset_nobody_knows?=", "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=x-unknown-42") + b"\nThe readable part talks about chimney sweeps.\n"


def header_without_colon(moment):
    return head(moment, "A header line went astray", "this line has no colon and does not belong here",
                "X-After: still a header") + b"\nThe body begins here, with an accordion.\n"


def impossible_date(moment):
    return head(moment, "Sent on the thirty-first of June").replace(
        b"Date: ", b"X-Real-Date: ", 1) + b"Date: Tue, 31 Jun 2025 25:61:00 +9900\n\nThe calendar on my wall says so.\n"


def bad_base64(moment):
    good = base64.b64encode(b"Half of this sentence about gulls survives, the other half does not.").decode()
    return head(moment, "Damaged transfer encoding", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: base64") + f"\n{good[:40]}\n*** !! ***\n{good[40:-7]}\n".encode()


def broken_encoded_word(moment):
    return head(moment, "=?utf-8?B?w5xiZXJyYXNjaHVuZw=?= and =?utf-8?Q?half_a_w=C3=",
                "MIME-Version: 1.0") + b"\nThe subject above was cut by a fax gateway.\n"


def twice_everything(moment):
    return head(moment, "First subject", "Subject: Second subject", "From: nobody@ropewalk.example") + (
        b"\nWhich of my two subjects do you see? The parrot saw both.\n")


def empty(moment):
    return b"From: ulrich.brandt@ropewalk.example\nDate: " + mime.date_field(
        mime.from_hamburg(moment), "hamburg").encode() + b"\n\n"


def long_line(moment):
    words = " ".join(f"sheep {number}" for number in range(1, 700))
    return head(moment, "Cannot sleep") + f"\n{words} and still awake\n".encode()


def mixed_line_ends(moment):
    return head(moment, "Three kinds of line end").replace(b"\n", b"\r\n", 2) + (
        b"\nOne line ends like this,\r\nanother like this,\nand a third like\rthat, said the typewriter.\n")


def nested(moment):
    """Twelve multiparts inside each other, the text in the last."""
    part = mime.Part("text/plain; charset=us-ascii", b"In the smallest doll there is a pea.\n")
    for level in range(12):
        part = mime.multipart("mixed", [part], f"doll-{level}")
    return head(moment, "Twelve dolls", "MIME-Version: 1.0") + part.render()


def careless_html(moment):
    return head(moment, "Careless markup", "MIME-Version: 1.0", "Content-Type: text/html; charset=iso-8859-1") + (
        b"<html><head><style>p { color: mauve }</style><title>Not text</title>\n<body><p>The lift inspection is <b>on "
        b"Thursday<p>Please keep <i>the doors</b> closed &amp; the dog inside &lt;the flat&gt;\n"
        b"<script>alert('never shown')</script>\n<table><tr><td>09:00<td>north stairs<tr><td>11:00<td>south stairs")


def from_lines(moment):
    return head(moment, "A poem that begins with From") + (
        b"\nFrom the pier we saw the weather turn,\n>From the boat nobody saw a thing,\n"
        b">>From memory I write this down.\n From here on I only hum.\n")


CASES = [  # when, to whom, folder, what
    ("2024-02-20 08:11", "alice", "Archive", bad_boundary),
    ("2024-06-12 21:30", "alice", "Archive", no_closing_boundary),
    ("2024-12-05 07:45", "bob", "Archive", wrong_charset_label),
    ("2025-01-14 07:50", "bob", "Archive", ascii_label),
    ("2025-02-10 02:20", "carol", "Archive", unlabelled_korean),
    ("2025-03-20 19:05", "bob", "Archive", unlabelled_latin),
    ("2025-04-01 12:00", "alice", "Archive", no_headers),
    ("2025-04-30 09:09", "alice", "Archive", nul_bytes),
    ("2025-05-15 10:10", "carol", "Archive", unknown_charset),
    ("2025-06-20 13:13", "alice", "Inbox", header_without_colon),
    ("2025-06-30 23:59", "alice", "Inbox", impossible_date),
    ("2025-07-17 17:17", "bob", "Inbox", bad_base64),
    ("2025-08-08 08:08", "bob", "Inbox", broken_encoded_word),
    ("2025-08-21 15:40", "alice", "Inbox", twice_everything),
    ("2025-09-09 09:09", "carol", "Inbox", empty),
    ("2025-09-27 03:33", "alice", "Inbox", long_line),
    ("2025-10-16 16:16", "bob", "Inbox", mixed_line_ends),
    ("2025-11-05 18:18", "alice", "Inbox", nested),
    ("2025-11-19 09:30", "bob", "Inbox", careless_html),
    ("2025-12-22 20:20", "alice", "Inbox", from_lines),
]
