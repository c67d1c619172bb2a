"""What is attached: small pictures, documents, tables and calendar files, made here and always the same."""
import struct
import zlib

from .mime import number

TABLES = {
    "budget-2024-h2.csv": "item,amount\nsalaries,61000\nbatteries,8400\nradio modules,3150\nboat hire,900\ninsurance,2200\n",
    "shackles.csv": "buoy,diameter_mm,state\n1,11.8,good\n2,11.2,good\n3,6.1,replace now\n4,10.4,watch\n",
    "comparison.csv": "pass,gauge_mm,satellite_mm\n2025-02-03,2114,2073\n2025-02-13,1987,1946\n2025-02-23,2240,2199\n",
    "expenses-busan.csv": "day,what,won\n17,bus,1600\n18,noodles for three,27000\n19,fish market breakfast,18000\n",
    "潮位データ.csv": "時刻,羽田,横浜,千葉\n00:00,1.32,1.28,1.35\n00:01,,1.29,1.35\n00:02,,1.29,1.36\n",
    "展位报价.csv": "展位,面积,价格\nA12,6,4800\nA14,6,4800\nB03,9,6900\n",
    "seriennummern.csv": "Boje,Gehäuse,Seriennummer\n1,A,WS-14-0031\n2,A,WS-14-0032\n3,B,WS-14-0038\n4,B,WS-14-0040\n",
}

NOTES = {
    "minutes-2025-03.txt": (
        "Minutes, 17 March 2025\n\nPresent: Alice, Bob, Carol (by telephone)\n\n"
        "1. Island gauge: Bob orders housing and cable.\n2. Satellite: Carol compares every pass since January.\n"
        "3. Coast fund: Alice writes, everybody reads, end of April.\n4. Any other business: the kettle.\n"),
    "application-draft.txt": (
        "Gauges for small harbours\n\nMost harbours in Europe are small, and almost none of them knows its own water\n"
        "level. We propose ten gauges that a fisherman can repair with the tools on board.\n\n"
        "Open data: everything we measure will be published.\n"),
    "회의록-2024-02.txt": "조위계 설치 회의록\n\n참석: 박민준, 김캐럴\n\n1. 센서 도착: 3월 말\n2. 설치: 4월 둘째 주\n3. 도면 검토 완료\n",
    "minutes-bikes-2025.txt": (
        "General meeting of the Dike Riders, 25 January 2025\n\nThe fee stays. The trailer rolls again.\n"
        "Treasurer: Bob Lindqvist (elected in his absence, unanimously).\n"),
}

# Each list is one page of text lines.
DOCUMENTS = {
    "offer-2025-07.pdf": ["Offer 2025-07", "Island Ferries, ramp gauge", "Gauge and installation: 6,400", "Service: 45 a month"],
    "ticket-NWX4T2.pdf": ["Northwind Air", "NWX4T2", "MOREAU / ALICE", "NW 431 Hamburg - Lisbon 18 JUN 2024 seat 14A"],
    "ticket-QK7ZP9.pdf": ["Northwind Air", "QK7ZP9", "MOREAU / ALICE", "LINDQVIST / BOB", "NW 41 Helsinki - Busan 15 NOV 2025"],
    "tickets-88-4411.pdf": ["Nordic Night Trains", "Order 88-4411", "Coach 12, beds 31 and 32"],
    "rental-contract.pdf": ["Rental contract", "Rope Walk 14, third floor", "Tenant: Bob Lindqvist"],
    "letter-of-application.pdf": ["Letter of application", "Amara Diallo", "Two winters on a research ship"],
    "devis-2024-31.pdf": ["Devis 2024-31", "Balise du phare", "Pose et deux visites par an"],
    "Angebot-Gehäuse.pdf": ["Angebot 2024-118", "Zehn Gehaeuse aus Edelstahl", "Lieferzeit drei Wochen"],
}

MAP_SIZE = 40 * 1024  # shared by several mails, and large enough to be stored once apart from them


def pdf(lines, size=None):
    """A document of one page that any viewer opens; `size` pads it with a comment to that many bytes."""
    shown = " T* ".join(f"({line}) Tj" for line in lines)
    stream = f"BT /F1 14 Tf 18 TL 60 760 Td {shown} ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
        b"/Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]

    def assemble(padding):
        data, offsets = b"%PDF-1.4\n" + padding, []
        for index, body in enumerate(objects, 1):
            offsets.append(len(data))
            data += b"%d 0 obj\n%s\nendobj\n" % (index, body)
        start = len(data)
        data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        return data + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%05d\n%%%%EOF\n" % (len(objects) + 1, start)

    plain = assemble(b"")
    if size is None:
        return plain
    # Digits of depth soundings: they compress like a real drawing does, not like zeros.
    digits = b""
    while len(digits) < size:
        digits += b"%016x" % number("soundings", len(digits))
    room = size - len(plain)
    comment = b"\n".join(b"%" + digits[i:i + 70] for i in range(0, size, 70))[:room - 1] + b"\n"
    return assemble(comment)


def png(name, width=48, height=32):
    """A small picture: sky, sea and a few lights, coloured by its name. Stored, not deflated: the same everywhere."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    hue = number(name, "hue") % 80
    rows = b""
    for y in range(height):
        rows += b"\0"
        for x in range(width):
            sea = y > height * 0.6
            light = number(name, x, y) % 97 == 0
            rows += bytes((255, 240, 200) if light else (20, 60 + hue, 120 + y) if sea else (150 + hue, 190 - y, 200))
    deflated = b"\x78\x01" + b"\x01" + struct.pack("<HH", len(rows), 0xFFFF - len(rows)) + rows
    deflated += struct.pack(">I", zlib.adler32(rows))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", deflated) + chunk(b"IEND", b"")


def calendar(uid, summary, start, end, place, method="PUBLISH"):
    return "\r\n".join([
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Northlight//Calendar//EN", f"METHOD:{method}", "BEGIN:VEVENT",
        f"UID:{uid}@example.com", f"DTSTAMP:{start}", f"DTSTART:{start}", f"DTEND:{end}", f"SUMMARY:{summary}",
        f"LOCATION:{place}", "ORGANIZER;CN=Alice Moreau:mailto:alice@example.com", "END:VEVENT", "END:VCALENDAR", "",
    ]).encode()


def content(filename):
    """The media type and the bytes of the file of that name."""
    if filename == "harbour-map.pdf":
        return "application/pdf", pdf(["Harbour map", "Anchor places A, B and C", "Ferry lane"], MAP_SIZE)
    if filename in DOCUMENTS:
        return "application/pdf", pdf(DOCUMENTS[filename])
    if filename in TABLES:
        return "text/csv; charset=utf-8", TABLES[filename].encode()
    if filename in NOTES:
        return "text/plain; charset=utf-8", NOTES[filename].encode()
    if filename.endswith(".png"):
        return "image/png", png(filename)
    if filename == "maintenance.ics":
        return "text/calendar; charset=utf-8", calendar(
            "winter-2024", "Winter maintenance", "20241125T080000Z", "20241126T160000Z", "Workshop")
    raise KeyError(f"no attachment is called {filename}")
