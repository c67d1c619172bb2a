#!/usr/bin/env python3
"""Writes the documents of this folder: each small, and by hand as its format asks. Written again they are the same to the byte, but
for what another zlib compresses otherwise.

    python3 Fixtures/Documents/generate.py
"""
import ctypes
import gzip
import io
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TIME = (2024, 5, 1, 12, 0, 0)
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
P = ('xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
     'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"')
O = ('xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
     'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
     'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"')
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def write(name, content):
    (HERE / name).write_bytes(content)


def package(parts, stored=()):
    """A ZIP archive; parts named in `stored` are not compressed."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, TIME)
            entry.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return output.getvalue()


def run(text):
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def word(body, **more):
    parts = {
        "[Content_Types].xml": XML + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "word/document.xml": XML + f"<w:document {W}><w:body>{body}</w:body></w:document>",
    }
    return package(parts | {f"word/{name}.xml": XML + content for name, content in more.items()})


def documents():
    body = (
        f'<w:p>{run("Minutes of the har")}{run("bour meeting")}</w:p><w:p>{run("회의록: 예산 검토")}</w:p>'
        f'<w:p>{run("left")}<w:r><w:tab/></w:r>{run("right")}<w:r><w:br/></w:r>{run("below")}</w:p>'
        f'<w:tbl><w:tr><w:tc><w:p>{run("gauge")}</w:p></w:tc><w:tc><w:p>{run("depth &amp; tide")}</w:p></w:tc></w:tr></w:tbl>'
        f'<w:p><w:del><w:r><w:delText>struck</w:delText></w:r></w:del><w:instrText>PAGE</w:instrText></w:p>')
    write("minutes.docx", word(
        body, header1=f'<w:hdr {W}><w:p>{run("Letterhead")}</w:p></w:hdr>',
        footnotes=f'<w:footnotes {W}><w:footnote><w:p>{run("a footnote")}</w:p></w:footnote></w:footnotes>',
        settings=f'<w:settings {W}><w:t>no text</w:t></w:settings>'))

    strings = ("<si><t>Tide gauge</t></si><si><r><t>rich </t></r><r><t>text</t></r></si>"
               "<si><t>東京</t><rPh><t>トウキョウ</t></rPh></si>")
    sheet = (
        '<row><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1"><v>1234.5</v></c></row>'
        '<row><c r="A2" t="inlineStr"><is><t>harpoon</t></is></c><c r="B2" t="str"><f>A1&amp;B1</f><v>computed</v></c>'
        '<c r="C2" t="s"><v>2</v></c><c r="D2" t="s"><v>99</v></c></row>')
    write("budget.xlsx", package({
        "xl/worksheets/sheet1.xml": XML + f"<worksheet {S}><sheetData>{sheet}</sheetData></worksheet>",
        "xl/workbook.xml": XML + f'<workbook {S}><sheets><sheet name="Budget 2024"/><sheet name="Notes"/></sheets></workbook>',
        "xl/sharedStrings.xml": XML + f"<sst {S}>{strings}</sst>",
        "xl/styles.xml": XML + f"<styleSheet {S}><t>no text</t></styleSheet>",
    }))

    def slide(text):
        return XML + f"<p:sld {P}><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sld>"
    write("slides.pptx", package({
        "ppt/presentation.xml": XML + f"<p:presentation {P}/>",
        "ppt/slides/slide10.xml": slide("the last slide"), "ppt/slides/slide2.xml": slide("the second slide"),
        "ppt/slides/slide1.xml": slide("the first slide"), "ppt/notesSlides/notesSlide1.xml": slide("spoken notes"),
        "ppt/slideMasters/slideMaster1.xml": slide("no text"),
    }))

    content = (
        f"{XML}<office:document-content {O}><office:automatic-styles><a>no text</a></office:automatic-styles><office:body>"
        "<office:text><text:h>Harbour plan</text:h>\n  <text:p>one<text:s text:c=\"3\"/>two<text:tab/>three"
        "<text:line-break/>four <text:span>fi</text:span><text:span>ve</text:span></text:p></office:text></office:body>"
        "</office:document-content>")
    kind = "application/vnd.oasis.opendocument."
    write("plan.odt", package({"mimetype": kind + "text", "content.xml": content}, stored=["mimetype"]))
    table = (
        f"{XML}<office:document-content {O}><office:body><office:spreadsheet><table:table><table:table-row>"
        "<table:table-cell><text:p>pier</text:p></table:table-cell><table:table-cell><text:p>42</text:p></table:table-cell>"
        "</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>")
    write("table.ods", package({"mimetype": kind + "spreadsheet", "content.xml": table}, stored=["mimetype"]))

    def page(title, text):
        return (f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'
                f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{title}</title><style>p {{ }}</style></head>'
                f"<body><h1>{title}</h1><p>{text}</p></body></html>")
    write("book.epub", package({
        "mimetype": "application/epub+zip", "OEBPS/content.opf": "<package/>",
        "OEBPS/one.xhtml": page("One", "Call me Ishmael."), "OEBPS/two.xhtml": page("Two", "The sea&nbsp;again."),
    }, stored=["mimetype"]))
    hp = 'xmlns:hp="http://www.hancom.co.kr/hwpml/2011/paragraph"'
    write("report.hwpx", package({
        "mimetype": "application/hwp+zip",
        "Contents/section0.xml": f"{XML}<sec {hp}><hp:p><hp:run><hp:t>결산 보고서</hp:t></hp:run></hp:p></sec>",
    }, stored=["mimetype"]))


def rich_text():
    write("letter.rtf", (
        rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times;}}{\*\generator Somebody;}{\info{\author Hidden}}"
        rb"\pard Dear caf\'e9,\par The price is 5\u8364?.\line {\b Bold} and \{braces\}\tab tabbed"
        rb"\par {\pict\bin4 }}}}}\u-10179?\u-8704? end{\field{\*\fldinst HYPERLINK}{\fldrslt shown}}}"))
    write("hangul.rtf", b"{\\rtf1\\ansi\\ansicpg949 " + "".join(
        f"\\'{byte:02x}" for byte in "회의록".encode("cp949")).encode() + b"\\par }")


def pdf(objects):
    """Objects from number 1 on; the first is the catalogue. Streams are bytes in a pair with their dictionary."""
    output = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, item in enumerate(objects["objects"], 1):
        places.append(len(output))
        if isinstance(item, tuple):
            dictionary, stream = item
            item = f"<< {dictionary} /Length {len(stream)} >>\nstream\n".encode() + stream + b"\nendstream"
        else:
            item = item.encode()
        output += f"{number} 0 obj\n".encode() + item + b"\nendobj\n"
    start = len(output)
    output += f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n".encode()
    output += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    trailer = f"/Size {len(places) + 1} /Root 1 0 R {objects.get('trailer', '')}"
    return output + f"trailer\n<< {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode()


CATALOG = ["<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"]


def page(resources):
    return (f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << {resources} >> >>")


def pdfs():
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    text = b"BT /F1 18 Tf 72 700 Td (The harbour budget of 2024) Tj 0 -24 Td (rises with the tide.) Tj ET"
    letter = CATALOG + [page("/Font << /F1 5 0 R >>"), ("", text), font]
    write("letter.pdf", pdf({"objects": letter}))
    lock = ("<< /Filter /Standard /V 1 /R 2 /P -4 /O <" + "41" * 32 + "> /U <" + "42" * 32 + "> >>")
    write("locked.pdf", pdf({"objects": letter + [lock], "trailer": "/Encrypt 6 0 R /ID [<00> <00>]"}))
    # A font that is not in the file, in which text is UTF-16: only with Adobe's tables can it be read.
    korean = "회의록 예산".encode("utf-16-be").hex()
    write("hangul.pdf", pdf({"objects": CATALOG + [
        page("/Font << /F1 5 0 R >>"), ("", f"BT /F1 18 Tf 72 700 Td <{korean}> Tj ET".encode()),
        "<< /Type /Font /Subtype /Type0 /BaseFont /HYSMyeongJo-Medium /Encoding /UniKS-UTF16-H /DescendantFonts [6 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HYSMyeongJo-Medium /FontDescriptor 7 0 R "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (Korea1) /Supplement 1 >> >>",
        "<< /Type /FontDescriptor /FontName /HYSMyeongJo-Medium /Flags 6 /FontBBox [0 -148 1001 880] /ItalicAngle 0 "
        "/Ascent 880 /Descent -148 /CapHeight 880 /StemV 93 >>",
    ]}))
    # Each form shows the next one thirty times, fifteen deep: no reader comes to the end of it.
    depth = 15
    forms = []
    for level in range(depth):
        last = level == depth - 1
        stream = b"BT /F1 1 Tf (again) Tj ET" if last else b"/X Do " * 30
        resources = "/Font << /F1 5 0 R >>" if last else f"/XObject << /X {7 + level} 0 R >>"
        forms.append((f"/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources << {resources} >>", stream))
    write("endless.pdf", pdf({"objects": CATALOG + [page("/XObject << /X 6 0 R >>"), ("", b"/X Do"), font] + forms}))


def archives():
    write("files.zip", package({"plans/harbour.dwg": "x", "plans/회의록.hwp": "x", "../../etc/traversal.conf": "x"}))
    # As a Korean Windows writes names: in CP949, which the archive does not say.
    names = {"#": "견적서_최종.xls".encode("cp949"), "%": "계약서 사본.doc".encode("cp949")}
    archive = package({letter * len(name): "x" for letter, name in names.items()})
    for letter, name in names.items():
        archive = archive.replace(letter.encode() * len(name), name)
    write("korean.zip", archive)
    output = io.BytesIO()
    with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in ["logs/tide-2024.log", "logs/水位.csv"]:
            entry = tarfile.TarInfo(name)
            entry.size = 5
            tar.addfile(entry, io.BytesIO(b"hello"))
    write("files.tar", output.getvalue())
    write("files.tar.gz", gzip.compress(output.getvalue(), mtime=0))
    write("notes.csv.gz", gzip.compress(b"a,b\n", mtime=0))
    write_7z("files.7z", ["photos/lighthouse.jpg", "photos/부두.png"])


def write_7z(name, entries):
    library = ctypes.CDLL("libarchive.so.13")
    for function in ("archive_write_new", "archive_entry_new"):
        getattr(library, function).restype = ctypes.c_void_p
    archive = ctypes.c_void_p(library.archive_write_new())
    library.archive_write_set_format_7zip(archive)
    library.archive_write_open_filename(archive, str(HERE / name).encode())
    for path in entries:
        entry = ctypes.c_void_p(library.archive_entry_new())
        library.archive_entry_update_pathname_utf8(entry, path.encode())
        library.archive_entry_set_size(entry, ctypes.c_int64(5))
        library.archive_entry_set_filetype(entry, 0o100000)
        library.archive_entry_set_perm(entry, 0o644)
        library.archive_entry_set_mtime(entry, 1714564800, 0)
        library.archive_write_header(archive, entry)
        library.archive_write_data(archive, b"hello", ctypes.c_size_t(5))
        library.archive_entry_free(entry)
    library.archive_write_close(archive)
    library.archive_write_free(archive)


def attacks():
    laughs = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 20))
    write("entities.docx", package({
        "word/document.xml": f'<?xml version="1.0"?><!DOCTYPE w:document [<!ENTITY e0 "lol"><!ENTITY out SYSTEM '
        f'"file:///etc/passwd">{laughs}]><w:document {W}><w:p><w:t>before &e19; &out; after</w:t></w:p></w:document>'}))
    write("bomb.docx", word(f"<w:p>{run('beginning')}</w:p>" + f"<w:p>{run(' ' * 1000)}</w:p>" * 60_000))
    write("deep.docx", word("<w:p>" + run("shallow") + "<w:x>" * 100_000 + run("deep") + "</w:x>" * 100_000 + "</w:p>"))
    write("unclosed.docx", package({"word/document.xml": f"{XML}<w:document {W}><w:p>{run('half')}<w:p>"}))
    whole = (HERE / "minutes.docx").read_bytes()
    write("truncated.docx", whole[:len(whole) // 2])


documents()
rich_text()
pdfs()
archives()
attacks()
