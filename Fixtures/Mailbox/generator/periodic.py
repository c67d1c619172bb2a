"""What comes by itself: newsletters, invoices, notices, builds, invitations, drafts and unwanted mail."""
from . import attachments, mime
from .mail import Mail, to_html
from .people import PEOPLE

KITCHEN = [  # date, title, the dish, how
    ("2024-02-01", "Leeks in February", "Braised leeks with mustard", "Forty minutes, a heavy lid, and nothing else in the oven."),
    ("2024-05-02", "Asparagus, and what to do with the peel", "Asparagus soup from the peel", "Simmer the peel for twenty minutes and throw nothing away."),
    ("2024-08-01", "Too many courgettes", "Courgette fritters with dill", "Salt them first, wring them out like a towel, fry them hot."),
    ("2024-11-07", "Bread that waits for you", "Overnight sourdough loaf", "Mix at ten in the evening, shape at seven, bake when you are awake."),
    ("2025-02-06", "One pot for a storm", "Fish stew with saffron", "The potatoes first, the fish last, the saffron in warm milk."),
    ("2025-06-05", "Strawberries need pepper", "Strawberries with black pepper", "Two turns of the mill and a spoon of old vinegar."),
    ("2025-10-02", "Quince, the patient fruit", "Quince jelly", "Three hours, then a night, then another hour."),
    ("2026-01-08", "Soups for a cold week", "Barley soup with leeks", "Toast the barley until the kitchen smells of nuts."),
]

TIDELINE = [
    ("2024-03-29", "Seagrass returns to the inner bay", "Divers counted four new meadows, the largest as big as a football field."),
    ("2024-10-11", "Storm surge: what the gauges saw", "For six hours the water stood 1.9 metres above normal, and every gauge but one kept writing."),
    ("2025-04-18", "Why harbours silt up", "A river slows down, drops what it carries, and the dredger comes back every spring."),
    ("2025-11-14", "Tide mills, an old idea with new friends", "A pond, a gate and patience: the village mill makes power again at ebb."),
]

INVOICES = [  # date, number, kilowatt hours, amount
    ("2024-04-03", "2024-0417", 612, "183,60"), ("2024-07-03", "2024-0752", 488, "146,40"),
    ("2024-10-02", "2024-1090", 503, "150,90"), ("2025-01-03", "2025-0033", 702, "217,62"),
    ("2025-04-02", "2025-0388", 655, "203,05"), ("2025-07-02", "2025-0744", 471, "146,01"),
    ("2025-10-02", "2025-1101", 498, "154,38"), ("2026-01-05", "2026-0029", 731, "233,92"),
]

CHANDLERY = [
    ("2024-03-14", "KC-5521", "two hinges in stainless steel, one tube of grease", "61.40"),
    ("2024-11-15", "KC-6104", "eight shackles of 12 mm, one pair of gloves", "148.00"),
    ("2025-05-20", "KC-6733", "forty metres of steel pipe, twelve clamps", "512.75"),
    ("2025-12-11", "KC-7240", "one torque wrench", "89.90"),
]

LIBRARY = [
    ("2024-06-10", "The Curve of the Shore", "24 June"), ("2024-12-02", "Knots for the Impatient", "16 December"),
    ("2025-05-12", "A Short History of Salt", "26 May"), ("2025-12-15", "Winter Birds of the Estuary", "29 December"),
]

BUILDS = [  # date and time, branch, number, outcome
    ("2025-03-04 21:17", "main", 1180, "passed"), ("2025-06-30 16:40", "island-alarm", 1297, "failed: testAlarmBelowRamp"),
    ("2025-06-30 17:22", "island-alarm", 1298, "passed"), ("2025-12-19 18:55", "main", 1443, "failed: out of disk space"),
    ("2026-01-13 09:31", "seal-detector", 1460, "passed"),
]

EVENTS = [  # sent, key, summary, start, end, place, words
    ("2024-09-23 09:00", "review-3", "Quarterly review", "20241001T080000Z", "20241001T090000Z", "Meeting room",
     "Please bring one thing that went well and one that did not."),
    ("2025-03-10 08:45", "spring-meeting", "Spring meeting", "20250317T090000Z", "20250317T120000Z", "Workshop",
     "Agenda: island gauge, satellite, coast fund, kettle."),
    ("2025-12-09 10:00", "interview", "Interview with Amara Diallo", "20251216T090000Z", "20251216T100000Z", "Meeting room",
     "Bob asks about soldering, I ask about winters."),
    ("2026-01-15 16:20", "seal", "Seal-proof antenna, brainstorming", "20260122T130000Z", "20260122T140000Z", "Workshop",
     "No idea is too silly, the seal had one too."),
]

UNWANTED = [  # to, date, name, address, subject, text
    ("alice", "2025-08-19 03:12", "Prize Department", "winner@lucky-prize.example", "You have WON a luxury yacht!!!",
     "Congratulations dear winner, your address was drawn from 5,000,000. To claim the luxury yacht send the transport fee of 299 today."),
    ("alice", "2025-11-21 04:40", "Maiibox Support", "support@secure-login.example", "Your mailbox is full, verify your password",
     "Your mailbox has reached its limit. Verify your password within 24 hours at http://login.secure-login.example/verify or lose all mail."),
    ("alice", "2026-01-10 02:05", "Dr. Slim", "offers@miracle-pills.example", "Lose 12 kilos while you sleep",
     "Doctors hate this trick. Order three boxes, pay for two."),
    ("bob", "2025-10-08 05:33", "Northwind Air Refunds", "refund@northwlnd-air.example", "Refund of 412.00 waiting for you",
     "We could not pay out your refund. Enter the number of your card at http://refund.northwlnd-air.example to receive it."),
    ("bob", "2025-12-30 01:18", "Hot Stocks", "tips@penny-rocket.example", "This stock will triple by Friday",
     "Insiders are buying. Do not tell anybody. Buy before noon."),
    ("carol", "2025-09-17 06:06", "International Journal of Everything", "editor@journal-of-everything.example",
     "Call for papers: publish within 24 hours",
     "Esteemed professor, your eminent article is invited. The processing charge of 899 is due before peer review."),
    ("carol", "2025-12-03 03:50", "대출상담", "loan@quick-money.example", "(광고) 무담보 당일 대출 가능",
     "신용등급 상관없이 지금 바로 전화 주세요. 당일 입금해 드립니다."),
]


def mails():
    return [*kitchen(), *tideline(), *invoices(), *chandlery(), *library(), *builds(), *events(), *parcels(), *dentist(),
            *drafts(), *unwanted()]


def kitchen():
    """A newsletter in HTML with a picture inside, to Alice; it names its list."""
    for index, (day, title, dish, how) in enumerate(KITCHEN):
        key = f"kitchen/{index}"
        page = (
            f"<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><style>.teaser {{ color: #a33 }}</style>\n"
            f"<script>var opened = \"tracking\";</script></head><body>\n<h1>{title}</h1>\n"
            f"<img src=\"cid:dish-{index}@slow-kitchen.example\" alt=\"{dish}\">\n"
            f"<p>This month&rsquo;s recipe: <b>{dish}</b>. {how}</p>\n"
            f"<p class=\"small\">The Slow Kitchen &middot; <a href=\"https://slow-kitchen.example/bye\">no more letters</a>"
            f"</p>\n</body></html>\n")
        mail = Mail(
            key, mime.from_hamburg(day + " 06:30"), "kitchen", ["alice"], f"The Slow Kitchen: {title}", "",
            html=page, folders={"alice": "Newsletters"},
            extra=[("List-Id", "The Slow Kitchen <letters.slow-kitchen.example>"), ("Precedence", "bulk")])
        picture = mime.attachment_part(
            f"dish-{index}.png", "image/png", attachments.png(dish), inline_id=f"dish-{index}@slow-kitchen.example")
        mail.entity = lambda mail=mail, picture=picture: mime.multipart(
            "related", [mime.text_part(mail.html, "html", "utf-8", mail.key), picture], mail.key)
        yield mail


def tideline():
    for index, (day, title, story) in enumerate(TIDELINE):
        text = f"{title}\n\n{story}\n\nRead on at https://tideline.example/{index + 101}\n"
        for user in ("alice", "carol"):
            yield Mail(
                f"tideline/{index}/{user}", mime.from_hamburg(day + " 12:00"), "tideline", [user],
                f"Tideline Weekly: {title}", text, html=to_html(text, title), folders={"*": "Newsletters"},
                extra=[("List-Id", "Tideline Weekly <weekly.tideline.example>")])


def invoices():
    """The electricity bill, in German, a document attached."""
    for day, number, hours, amount in INVOICES:
        text = (
            f"Guten Tag Frau Moreau,\n\nIhre Stromrechnung {number} über {amount} Euro für {hours} kWh liegt bei. Der "
            f"Betrag wird\nam 15. des Monats von Ihrem Konto abgebucht. Sie müssen nichts weiter tun.\n\n"
            f"Ihre Stadtlicht Energie\n")
        document = mime.attachment_part(
            f"Rechnung-{number}.pdf", "application/pdf",
            attachments.pdf(["Stadtlicht Energie", f"Rechnung {number}", f"{hours} kWh", f"{amount} EUR"]))
        yield Mail(
            f"invoice/{number}", mime.from_hamburg(day + " 05:00"), "power", ["alice"],
            f"Ihre Stromrechnung {number} (invoice)", text, charset="iso-8859-1", parts=[document],
            folders={"alice": "Receipts"}, extra=[("X-Gmail-Labels", "Receipts,Electricity")])


def chandlery():
    for day, number, goods, amount in CHANDLERY:
        text = (
            f"Dear Mr Lindqvist,\n\nthank you for your order: {goods}.\nThe invoice {number} over {amount} is attached; "
            f"it is payable within thirty days.\n\nKeel & Cleat Chandlers\n")
        document = mime.attachment_part(
            f"invoice-{number}.pdf", "application/pdf", attachments.pdf(["Keel & Cleat", f"Invoice {number}", amount]))
        yield Mail(
            f"chandlery/{number}", mime.from_hamburg(day + " 17:30"), "chandler", ["bob"], f"Invoice {number}", text,
            parts=[document], folders={"bob": "Receipts"}, extra=[("X-Gmail-Labels", "Receipts")])


def library():
    for index, (day, title, due) in enumerate(LIBRARY):
        text = f"The book you borrowed is due soon:\n\n  {title}\n  due on {due}\n\nYou can extend the loan twice on our page.\n"
        yield Mail(f"library/{index}", mime.from_hamburg(day + " 07:00"), "library", ["bob"], f"Due soon: {title}", text)


def builds():
    for index, (moment, branch, number, outcome) in enumerate(BUILDS):
        text = f"branch   {branch}\nbuild    {number}\noutcome  {outcome}\n\nhttps://builds.example.com/{number}\n"
        yield Mail(
            f"build/{number}", mime.from_hamburg(moment), "builder", ["bob"], f"[build] {branch} #{number} {outcome}", text,
            extra=[("Auto-Submitted", "auto-generated")])


def events():
    """An invitation is a text, the same as a calendar part, and a file for those who cannot read it."""
    for moment, key, summary, start, end, place, words in EVENTS:
        data = attachments.calendar(key, summary, start, end, place, "REQUEST")
        begins = f"{start[0:4]}-{start[4:6]}-{start[6:8]} {start[9:11]}:{start[11:13]} UTC"
        text = f"{summary}\n\nWhen: {begins}\nWhere: {place}\n\n{words}\n"
        mail = Mail(
            f"event/{key}", mime.from_hamburg(moment), "calendar", ["bob"], f"Invitation: {summary}", text)
        invite = mime.Part("text/calendar; charset=utf-8; method=REQUEST", mime.base64_lines(data),
                           [("Content-Transfer-Encoding", "base64")])
        file = mime.attachment_part("invite.ics", "application/ics", data)
        mail.entity = lambda mail=mail, invite=invite, file=file: mime.multipart("mixed", [mime.multipart(
            "alternative", [mime.text_part(mail.text, "plain", "utf-8", mail.key), invite], mail.key), file], mail.key)
        yield mail


def parcels():
    for index, (user, moment, number, words) in enumerate([
        ("bob", "2024-03-21 08:02", "SP-77120", "12 housings from Weiß & Söhne, 64 kg. Somebody has to be there."),
        ("alice", "2025-02-26 09:15", "SP-91034", "One parcel from Tokyo, kept at customs for one day."),
        ("alice", "2025-12-18 07:48", "SP-99871", "Left with your neighbour Ulrich Brandt, who sends his regards."),
    ]):
        text = f"Your parcel {number} is on its way and arrives today.\n{words}\n"
        yield Mail(f"parcel/{index}", mime.from_hamburg(moment), "parcel", [user], f"Parcel {number} arrives today", text,
                   html=to_html(text, "Swift Parcel"))


def dentist():
    text = "Sehr geehrter Herr Lindqvist,\n\nIhr Termin zur Zahnreinigung ist am 27. Januar 2026 um 8:20 Uhr. Bitte pünktlich, wir sind es auch.\n"
    yield Mail("dentist", mime.from_hamburg("2026-01-19 18:00"), "dentist", ["bob"], "Erinnerung an Ihren Termin", text,
               unread=True)


def drafts():
    """Unsent: only their writers have them."""
    yield Mail("draft/1", mime.from_hamburg("2025-12-28 22:10"), "alice", ["sister"], "Thank you for the scarf",
               "Dear Claire,\n\nit is warm, it is blue, and it\n", folders={"sender": "Drafts"})
    yield Mail("draft/2", mime.from_hamburg("2026-01-14 23:48"), "bob", ["railway"], "Another scarf",
               "Hello again, you will not believe this.\n", folders={"sender": "Drafts"})
    yield Mail("draft/3", mime.from_hamburg("2026-01-16 03:30"), "carol", ["alice", "bob"], "Reviewers' answers",
               "Reviewer 1 loves the seal. Reviewer 2 asks whether it was calibrated.\n", folders={"sender": "Drafts"})


def unwanted():
    for index, (user, moment, name, address, subject, text) in enumerate(UNWANTED):
        sender = f"unwanted-{index}"
        PEOPLE[sender] = type(PEOPLE["bob"])(name, address, "+0000")
        korean = not text.isascii()
        yield Mail(f"unwanted/{index}", mime.from_hamburg(moment), sender, [user], subject, text + "\n",
                   html=to_html(text, subject), charset="euc-kr" if korean else "utf-8", folders={user: "Spam"}, unread=True,
                   extra=[("X-Spam-Flag", "YES")])
