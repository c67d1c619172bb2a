import Testing

@testable import Index

@Suite struct FileKindTests {
  @Test(
    arguments: [
      ("application/pdf", nil, .pdf), ("APPLICATION/PDF", "a.txt", .pdf), ("application/octet-stream", "A.PDF", .pdf),
      ("image/x-unheard-of", nil, .image), ("text/calendar", "invite", .calendar), (nil, "photo.JPG", .image),
      ("message/rfc822", nil, .mail), ("text/plain", "table.csv", .spreadsheet), ("text/plain", nil, .text),
      ("text/html", "page.html", .text), ("application/zip", "letter.docx", .archive), (nil, "no ending", nil),
      ("application/octet-stream", "a.b", nil), ("application/pgp-signature", "signature.asc", nil), (nil, nil, nil),
      ("", ".pdf", .pdf), ("audio/mpeg", "x", .audio), ("video/mp4", nil, .video),
    ] as [(String?, String?, FileKind?)])
  func `a media type tells, and else the name`(type: String?, name: String?, expected: FileKind?) {
    #expect(FileKind(contentType: type, filename: name) == expected)
  }

  @Test func `names and bits stay as they are stored`() {
    let names = FileKind.allCases.map { "\($0.rawValue) \($0.name)" }.joined(separator: ", ")
    #expect(
      names == "0 pdf, 1 image, 2 audio, 3 video, 4 document, 5 spreadsheet, 6 presentation, 7 archive, 8 calendar, "
        + "9 contact, 10 mail, 11 text")
    for kind in FileKind.allCases { #expect(FileKind(name: kind.name.uppercased()) == kind) }
  }
}
