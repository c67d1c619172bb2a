"""Mail that nobody wrote, put together by a seeded generator from english.txt, phrases.txt and languages.txt."""
import random
import re
from pathlib import Path

from . import records

HERE = Path(__file__).resolve().parent

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = "January February March April May June July August September October November December".split()
FIRST = """
James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph
Jessica Thomas Sarah Charles Karen Christopher Lisa Daniel Nancy Matthew Betty Anthony Margaret Mark Sandra
Donald Ashley Steven Kimberly Paul Emily Andrew Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Dorothy
George Melissa Timothy Deborah Ronald Stephanie Jason Rebecca Edward Sharon Jeffrey Laura Ryan Cynthia Jacob
Kathleen Gary Amy Nicholas Angela Eric Shirley Jonathan Anna Stephen Brenda Larry Pamela Justin Emma Scott
Nicole Brandon Helen Benjamin Samantha Samuel Katherine Gregory Christine Alexander Debra Patrick Rachel Frank
Carolyn Raymond Janet Jack Maria Dennis Catherine Jerry Heather Tyler Diane Peter Olivia Martin Julie Phillip
Joyce Chris Victoria Mike Kate Bob Jeff Steve Jim Tom Bill Dan Greg Anna Hans Jürgen Claudia Pierre Sophie Luis
Carmen Giulia Marco Yuki Kenji Wei Ivan Olga Fatima Ahmed Priya Raj
""".split()
LAST = """
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Wilson Anderson Thomas
Taylor Moore Martin Lee Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott
Hill Green Adams Nelson Baker Hall Campbell Mitchell Carter Roberts Turner Phillips Parker Evans Edwards Collins
Stewart Morris Murphy Cook Rogers Morgan Cooper Peterson Reed Bailey Bell Kelly Howard Ward Cox Richardson Wood
Watson Brooks Bennett Gray James Hughes Price Myers Long Foster Sanders Ross Müller Schmidt Schneider Fischer
Weber Meyer Wagner Becker Dubois Bernard Rossi Ferrari Tanaka Suzuki Kim Park Chen Wang Ivanov Petrov Singh
Patel
""".split()
KOREAN = "홍길동 김예시 이보기 박예제 최견본 정모범 한예문 윤보람".split()
JAPANESE = "佐藤 鈴木 高橋 田中 伊藤 渡辺 山本 中村 小林 加藤".split()
DOMAINS = """
example.com example.com example.com example.com example.org example.org example.net mail.example.com
mail.example.org mail.example.net lists.example.org lists.example.net news.example.com bounce.example.com
corp.example.com notifications.example.com
""".split()
COMPANIES = """
Example Inc. / Example Corporation / Example Company / Example LLC / Example Ltd. / Example GmbH / Example Group
/ Example University / Example Services / Example Technologies / Example Systems / Example Partners / Example
International / Example & Associates / Example Foundation / Example Bank
"""
CITIES = """
New York / London / Chicago / Houston / San Francisco / Los Angeles / Boston / Washington, DC / Seattle / Paris
/ Berlin / Tokyo / Seoul / Toronto / Sydney / Denver / Dallas / Atlanta / Amsterdam / Singapore / Hong Kong /
Portland
"""
THINGS = """
service / website / system / server / account / contract / product / program / process / policy / database /
market / training / conference / workshop / software / network / project management / customer service /
application / business plan / marketing campaign / research / report / meeting / event / offer / subscription /
request / order / delivery / payment / price / budget / schedule / team / technology / information technology /
human resources / sales / development / management / engineering / operations / finance / communications /
public relations / support / security
"""
DOCUMENTS = """
agreement / contract / report / proposal / presentation / spreadsheet / document / file / invoice / agenda /
schedule / letter / draft / memo / form / list / summary / budget / application / plan / resume / analysis /
article / confirmation / letter of credit / master agreement / confidentiality agreement / press release /
meeting minutes / purchase order / expense report / status report / performance review / survey / guarantee /
amendment / questionnaire
"""
PROJECTS = "project / new project / merger of the two teams / migration / new website / product launch / move / study"
SUBJECTS = """
Meeting / Meeting on {day} / {doc} / {thing} / Question / Question about the {thing} / Update / Lunch / Lunch? /
Conference call / Conference Call on {day} / Request for information / Out of office / Out of Office / Schedule
/ Next week / Weekly report / Weekly Status Report / Monthly report for {month} / Your order {number} has
shipped / Your invoice for {month} / Invoice {number} / Reminder: {doc} due on {day} / Invitation: {thing} /
Accepted: {thing} / Canceled: {thing} / Updated {doc} / Draft {doc} / Revised {doc} / Confirmation / Thank you /
Thanks / Hello / Hi / Happy Birthday / Congratulations! / Help / Weekend / Dinner on {day} / Vacation / Travel
plans / Trip to {city} / Password reset / Verify your email address / Delivery Status Notification (Failure) /
Undeliverable: {thing} / Newsletter for {month} {year} / This week in {thing} / [{list}] {thing} / [{list}]
{doc} / [PATCH {n}/{n}] Fix {thing} / Bug {number} / Build failed: main #{number} / Action required / Important
information about your account / New sign-in to your account / Welcome / Special offer / Save {n}% today /
Please review / Comments on the {doc} / Notes from the meeting / Changes to the {thing} / Phone call / Resume /
Agenda / Agenda for {day}'s meeting / FYI / Test / Status / Contact information / Organizational announcement /
Approval needed
"""
LISTS = "users / developers / announce / discuss / help / team / staff / all-hands / news / dev / committers / general"
GREETINGS = """
Hi {first}, / Hi, / Hello, / Hello {first}, / {first}, / {first}: / Dear {first}, / Dear {name}, / Dear Mr.
{last}, / Dear Ms. {last}, / Dear Sir or Madam, / Dear customer, / Dear all, / Hi all, / Hi everyone, / Hi team,
/ All, / Good morning, / Good morning {first}, / Good afternoon, / Hey {first}, / Dear Colleagues, / To all:
"""
CLOSINGS = """
Thanks, / Thanks! / Thank you, / Thank you. / Thanks, / Regards, / Best regards, / Kind regards, / Best wishes,
/ Sincerely, / Best, / Cheers, / Many thanks, / Thanks again, / Yours sincerely, / Love, / Talk to you soon, /
Warm regards, /
"""
TITLES = """
Senior Director / Vice President / Manager / Assistant / Attorney / Engineer / Software Engineer / Consultant /
President / Director of Marketing / Account Manager / Administrative Assistant / Professor / Chief Executive
Officer
"""
FILES = """
{doc}.doc / {doc}.pdf / {doc}.xls / {doc}.docx / {doc}.xlsx / {doc}.ppt / {doc} {month} {year}.pdf /
image001.png / image002.jpg / invite.ics / winmail.dat / smime.p7s / signature.asc / invoice-{number}.pdf /
scan.pdf / photo.jpg / IMG_{n}.jpg / Screenshot.png / attachment.txt / noname / document.pdf / 견적서.pdf /
회의록.docx / 資料.pdf / Rechnung.pdf
"""


def options(text):
    return [" ".join(part.split()) for part in re.split(r"\s/\s", text)]


def lines(name):
    return [line for line in (HERE / name).read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]


def languages():
    """{code: (weight, sentences)}."""
    found, code = {}, None
    for line in lines("languages.txt"):
        head = re.fullmatch(r"\[(\w+) (\d+)\]", line)
        if head:
            code = head[1]
            found[code] = (int(head[2]), [])
        else:
            found[code][1].append(line)
    return found


class Writer:
    """Writes mails; the same seed gives the same ones."""

    def __init__(self, seed):
        self.random = random.Random(seed).random  # the one method whose numbers Python promises to keep
        self.english = lines("english.txt")
        *joins, common, rare = lines("phrases.txt")
        self.joins = [phrase for line in joins for phrase in options(line)]
        self.common, self.rare = options(common), options(rare)
        self.languages = languages()
        self.codes = [code for code, (weight, _) in self.languages.items() for _ in range(weight)]

    def between(self, low, high):
        return low + int(self.random() * (high - low + 1))

    def one(self, choices):
        return choices[int(self.random() * len(choices))]

    def chance(self, share):
        return self.random() < share

    # Slots

    def fill(self, text):
        return re.sub(r"\{(\w+)\}", lambda slot: getattr(self, slot[1])(), text)

    def day(self): return self.one(DAYS)
    def month(self): return self.one(MONTHS)
    def year(self): return str(self.between(1999, 2026))
    def n(self): return str(self.between(1, 31))
    def first(self): return self.one(FIRST)
    def last(self): return self.one(LAST)
    def name(self): return f"{self.first()} {self.last()}"
    def ko(self): return self.one(KOREAN)
    def ja(self): return self.one(JAPANESE)
    def company(self): return self.one(options(COMPANIES))
    def city(self): return self.one(options(CITIES))
    def thing(self): return self.one(options(THINGS))
    def doc(self): return self.one(options(DOCUMENTS))
    def project(self): return self.one(options(PROJECTS))
    def list(self): return self.one(options(LISTS))
    def number(self): return str(self.between(1_000, 99_999_999))
    def phone(self): return f"{self.one(['(555) 555-', '555-', '+1 555 555 '])}{self.between(100, 199):04}"
    def email(self): return self.address(self.name())
    def url(self): return self.one(["https://www.example.com/", "http://www.example.com/", "https://www.example.org/"])

    def amount(self):
        return self.one(["${}", "${},000", "${}.00", "${}.5 million", "€{},00"]).format(self.between(1, 999))

    def time(self):
        return self.one(["{}:00", "{}:30", "{}:00 am", "{}:30 am", "{}:00 pm", "{}:30 pm", "{} p.m.", "{} AM"]).format(
            self.between(1, 12))

    def date(self):
        day, month, year = self.between(1, 31), self.between(1, 12), self.year()
        name = MONTHS[month - 1]
        return self.one([
            f"{name} {day}, {year}", f"{month:02}/{day:02}/{year}", f"{year}-{month:02}-{day:02}",
            f"{day} {name} {year}", f"{self.day()[:3]}, {day} {name[:3]} {year}", f"{day}.{month}.{year}",
            f"{self.day()}, {name} {day}, {year}"])

    def clock(self):
        return f"{self.between(0, 23):02}:{self.between(0, 59):02}"

    # Parts of mails

    def address(self, name):
        first, _, last = name.lower().partition(" ")
        last = last or "x"
        form = self.one([
            "{f}.{l}", "{f}.{l}", "{f}", "{i}{l}", "{f}_{l}", "{f}{n}", "info", "noreply", "no-reply", "support",
            "news"])
        return form.format(f=first, l=last, i=first[:1], n=self.between(1, 99)) + "@" + self.one(DOMAINS)

    def person(self):
        name = self.name() if self.chance(0.9) else self.one(KOREAN + JAPANESE)
        shown = self.one([name, name, name, None, ", ".join(reversed(name.split(" ", 1)))])
        return shown, self.address(name if name.isascii() else self.name())

    def prose(self):
        """A sentence without sense: small parts of sentences and words, as often as mail has them."""
        parts = []
        for _ in range(self.between(4, 10)):
            parts.append(self.one(self.joins))
            parts.append(self.one(self.common if self.chance(0.6) else self.rare))
            if self.chance(0.3):
                parts.append(self.one(self.rare))
            if self.chance(0.08):
                parts[-1] += ","
            if self.chance(0.05):
                parts.append(self.fill(self.one(["{first}", "{n}", "{amount}", "{date}", "{company}", "{number}"])))
        text = " ".join(parts)
        return text[0].upper() + text[1:] + self.one([".", ".", ".", ".", "?", "!"])

    def paragraph(self, language):
        if language != "en":
            sentences = self.languages[language][1]
            joint = "" if language in ("ja", "zh") else " "
            return self.fill(joint.join(self.one(sentences) for _ in range(self.between(1, 4))))
        return " ".join(
            self.prose() if self.chance(0.4) else self.fill(self.one(self.english))
            for _ in range(self.between(1, 5)))

    def wrapped(self, text, width):
        if width == 0 or not text.isascii():
            return text
        out, line = [], ""
        for word in text.split(" "):
            if line and len(line) + 1 + len(word) > width:
                out.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        return "\n".join(out + [line])

    def quoted(self, body, subject):
        name, mail, date = self.name(), self.email(), self.date()
        style = self.between(0, 5)
        if style == 0:
            to = "; ".join(f"{self.last()}, {self.first()}" for _ in range(self.between(1, 3)))
            copies = f"Cc: {to}\n" if self.chance(0.4) else ""
            return (f"\n-----Original Message-----\nFrom: {self.last()}, {self.first()} \nSent: {self.day()}, "
                    f"{self.month()} {self.n()}, {self.year()} {self.between(1, 12)}:{self.between(0, 59):02} "
                    f"{self.one(['AM', 'PM'])}\nTo: {to}\n{copies}Subject: {subject}\n\n{body}")
        if style == 1:
            return (f"\n---------------------- Forwarded by {name} on {date} {self.clock()} "
                    f"---------------------------\n\n\n{name} <{mail}> on {date} {self.time()}\nTo: {self.name()}\n"
                    f"cc: {self.name()} \n\nSubject: {subject}\n\n{body}")
        if style == 2:
            return (f"\n---------- Forwarded message ---------\nFrom: {name} <{mail}>\nDate: {date} at {self.time()}\n"
                    f"Subject: {subject}\nTo: {self.name()} <{self.email()}>\n\n\n{body}")
        if style == 3:
            return (f"\n________________________________\nFrom: {name} <{mail}>\nSent: {date} {self.time()}\n"
                    f"To: {self.name()} <{self.email()}>\nSubject: RE: {subject}\n\n{body}")
        mark = self.one(["On {d} at {c}, {n} <{m}> wrote:", "On {d}, {n} wrote:", "{n} wrote:", "{n} <{m}> writes:"])
        quotation = "\n".join(">" + line if line.startswith(">") else "> " + line for line in body.split("\n"))
        return f"\n{mark.format(d=date, c=self.clock(), n=name, m=mail)}\n{quotation}"

    def signature(self, name):
        full = self.one([
            "{name}\n{title}\n{company}\nPhone: {phone}\nFax: {phone}\n{mail}", "{name}", "{first}", "{first}",
            "{first}", "-- \n{name}\n{company}\n{url}", "{name}\n{company}\n{phone}",
            "{name}\n{title}, {company}\nTel: {phone}\nMobile: {phone}", "{first}\n\nSent from my phone",
            "-- \n{name} <{mail}>"])
        return full.format(
            name=name, first=name.split(" ")[0], title=self.one(options(TITLES)), company=self.company(),
            phone=self.phone(), mail=self.address(name), url=self.url())

    def footer(self, host):
        return "\n" + self.fill(self.one([
            f"_______________________________________________\n{{list}} mailing list\n{{list}}@{host}\n"
            f"https://{host}/listinfo/{{list}}",
            f"-- \nYou received this message because you are subscribed to the {{list}} group.\n"
            f"To unsubscribe from this group and stop receiving emails from it, send an email to "
            f"{{list}}-unsubscribe@{host}.\nTo view this discussion on the web visit https://{host}/d/msgid/{{list}}/",
            f"---------------------------------------------------------------------\nTo unsubscribe, e-mail: "
            f"{{list}}-unsubscribe@{host}\nFor additional commands, e-mail: {{list}}-help@{host}"]))

    def newsletter(self):
        parts = ["View this email in your browser\n\n"]
        for _ in range(self.between(2, 6)):
            title = self.fill(self.one(["{thing} in {city}", "New: {thing}", "{doc} for {month}"]))
            parts.append(title.capitalize() + "\n")
            parts.append(self.paragraph("en") + "\n\n")
            parts.append(self.one(["Read more", "Learn more", "Shop now", "Get started", ""]) + "\n\n")
        parts.append(self.fill(
            "You are receiving this email because you signed up at our website.\n"
            "Unsubscribe | Update your preferences | Privacy Policy\n"
            "Copyright (c) {year} {company}. All rights reserved.\n{n} Main Street, {city}\n"))
        return "".join(parts)

    def message_id(self):
        hexes = "".join("0123456789abcdef"[self.between(0, 15)] for _ in range(16))
        host = self.one(DOMAINS)
        return self.one([
            f"{hexes}@{host}", f"{hexes[:8].upper()}.{self.between(1_000_000, 9_999_999)}@{host}",
            f"{self.year()}{self.between(1, 12):02}{self.n():>02}{self.between(0, 235959):06}.{hexes[:6]}@{host}",
            f"CA{hexes}@mail.{host}"])

    def mail(self):
        language = self.one(self.codes) if self.chance(0.15) else "en"
        subject = self.fill(self.one(options(SUBJECTS)) if language == "en" else self.one(self.languages[language][1]))
        sender = self.person()
        width = self.one([0, 72, 76])
        host = self.one(["lists.example.org", "lists.example.net"])
        list_id = f"{self.list()}.{host}" if self.chance(0.15) else None
        if language == "en" and self.chance(0.12):
            body = self.newsletter()
        else:
            paragraphs = [self.wrapped(self.paragraph(language), width) for _ in range(self.between(1, 6))]
            greeting = self.fill(self.one(options(GREETINGS))) + "\n\n" if language == "en" and self.chance(0.7) else ""
            name = sender[0] or self.name()
            closing = self.one(options(CLOSINGS)) + "\n" + self.signature(name) + "\n"
            body = greeting + "\n\n".join(paragraphs) + "\n\n" + closing
            for _ in range(self.one([0, 0, 1, 1, 2])):
                earlier = "\n\n".join(self.wrapped(self.paragraph(language), width) for _ in range(self.between(1, 4)))
                body += self.quoted(earlier + f"\n\n{self.first()}\n", subject)
                mark = self.one(["Re: ", "RE: ", "Fwd: ", "FW: ", "Re: "])
                subject = mark + re.sub(r"^(Re|RE|Fwd|FW): ", "", subject)
        if list_id:
            body += self.footer(host)
        to = [self.person() for _ in range(self.one([1, 1, 1, 1, 2, 3, 6]))]
        cc = [self.person() for _ in range(self.one([0, 0, 0, 0, 1, 2]))]
        reply_to = [sender] if self.chance(0.05) else []
        names = [self.fill(self.one(options(FILES))) for _ in range(self.one([0, 0, 0, 0, 0, 1, 2]))]
        texts = [self.paragraph(language)] if names and self.chance(0.3) else []
        return records.encode(subject, [[sender], to, cc, [], reply_to], body, names, texts, list_id, self.message_id())

