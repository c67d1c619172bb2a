"""Who writes in the sample mailbox. Every address is in a domain that is reserved for examples."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    name: str
    address: str
    zone: str = "hamburg"  # hamburg has summer time; others are fixed offsets such as "+0900"
    mailer: str = ""
    top_posts: bool = False


USERS = ("alice", "bob", "carol")

PEOPLE = {
    "alice": Person("Alice Moreau", "alice@example.com", mailer="Thunderbird 115.6", top_posts=True),
    "bob": Person("Bob Lindqvist", "bob@example.com", mailer="mutt/2.2.12"),
    "carol": Person("Carol Kim", "carol@example.org", "+0900", "Apple Mail (2.3774.300.61)"),
    "priya": Person("Priya Nair", "priya@harbour-radio.example", mailer="Apple Mail (16.0)", top_posts=True),
    "host": Person("Priya Nair", "priya@harbour-radio.example", mailer="Apple Mail (16.0)", top_posts=True),
    "sister": Person("Claire Moreau", "claire@moreau-family.example", mailer="K-9 Mail"),
    "mother": Person("Hélène Moreau", "helene@moreau-family.example", mailer="Roundcube"),
    "neighbour": Person("Ulrich Brandt", "ulrich.brandt@ropewalk.example", mailer="Outlook 16.0", top_posts=True),
    "hanna": Person("Hanna Øverland", "hanna@dike-riders.example", mailer="Evolution 3.46"),
    "ferry": Person("Tomasz Zieliński", "t.zielinski@island-ferries.example", mailer="Outlook 16.0", top_posts=True),
    "fund": Person("Coast Fund, Office", "office@coast-fund.example", mailer="Outlook 16.0"),
    "applicant": Person("Amara Diallo", "amara.diallo@icebreaker.example", mailer="Thunderbird 128.4"),
    "alarm": Person("Gauge watch", "alarm@gauges.example.com", "+0000", "gaugewatch 0.9"),
    "airline": Person("Northwind Air", "bookings@northwind-air.example", "+0000"),
    "railway": Person("Nordic Night Trains", "service@night-trains.example"),
    "hotel": Person("Pensão do Rio", "reservas@pensao-do-rio.example", "+0100", top_posts=True),
    "agent": Person("Harbour Homes", "letting@harbour-homes.example", top_posts=True),
    "garden": Person("Saltmarsh Gardens", "committee@saltmarsh-gardens.example"),
    "bikes": Person("bikes", "bikes@lists.dike-riders.example"),
    "bookgroup": Person("Book Group", "bookgroup@lists.example.org", "+0900"),
    "park": Person("박민준", "minjun.park@badasori.example", "+0900", "Outlook 16.0"),
    "mom": Person("엄마", "yeonghui.kim@hanok.example", "+0900"),
    "watanabe": Person("渡辺健二", "watanabe@umi-kagaku.example", "+0900", "Becky! ver. 2.81"),
    "liwei": Person("李伟", "li.wei@haiyang-expo.example", "+0800", "Foxmail 7.2"),
    "chen": Person("陳怡君", "yijun.chen@formosa-steel.example", "+0800"),
    "jonas": Person("Jonas Müller-Weiß", "jonas@weiss-soehne.example", mailer="Thunderbird 102.15"),
    "eleni": Person("Ελένη Παπαδάκη", "eleni@thalassa.example", "+0300", "Thunderbird 115.6"),
    "sophie": Person("Sophie Lambert", "sophie.lambert@phare.example", "+0100", "Thunderbird 115.6"),
    "orlov": Person("Дмитрий Орлов", "orlov@beloe-more.example", "+0300", "The Bat! (v9.4)"),
    "isabel": Person("Isabel Nuñez", "isabel@isla.example", "+0100"),
    "somchai": Person("สมชาย ใจดี", "somchai@phuket-port.example", "+0700"),
    "layla": Person("ليلى حداد", "layla@almina.example", "+0300"),
    "noam": Person("נועם לוי", "noam@jaffa-port.example", "+0300"),
    "kitchen": Person("The Slow Kitchen", "newsletter@slow-kitchen.example"),
    "tideline": Person("Tideline Weekly", "news@tideline.example", "+0000"),
    "power": Person("Stadtlicht Energie", "rechnung@stadtlicht.example"),
    "chandler": Person("Keel & Cleat Chandlers", "accounts@keel-and-cleat.example", "+0000"),
    "library": Person("City Library", "notices@library.example", "+0100"),
    "builder": Person("Build server", "builds@example.com", "+0000", "buildbot"),
    "parcel": Person("Swift Parcel", "tracking@swift-parcel.example", "+0000"),
    "calendar": Person("Alice Moreau", "alice@example.com", mailer="calendar"),
    "dentist": Person("Dr. Yıldız Dental Practice", "praxis@zahn-am-hafen.example"),
}

# Members of the lists among the three users: they get a copy of what is sent to it.
LISTS = {"bikes": ("alice", "bob"), "bookgroup": ("carol",)}
