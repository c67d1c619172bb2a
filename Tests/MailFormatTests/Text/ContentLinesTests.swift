import Testing

@testable import MailFormat

struct ContentLinesTests {
  @Test(arguments: [
    (
      "FN:Ann\nPHOTO;ENCODING=b;TYPE=JPEG:AAAA\n BBBB\nX-PICTURE:data:image/png;base64,CC\nNOTE;X=1:a\\\\b\n",
      "Ann\na\\b\n"
    ),
    ("BEGIN:VCALENDAR\nSUMMARY:हिन\n ्दी\\, b\\;\\nc\nEND:VCALENDAR", "हिन्दी, b;\nc\n"),
    ("ATTENDEE;CN=\"Kim: Ann\";ROLE=CHAIR:mailto:ann@example.com\n", "Kim: Ann mailto:ann@example.com\n"),
    ("item1.N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=EA=B9=80;=zz=\n", "김;=zz=\n"), ("no colon\n\n", ""), ("", ""),
    ("A:b\\", "b\n"), ("\n folded:x", "x\n"), (":", "\n"),
  ])
  func `values are what a reader sees`(file: String, text: String) {
    #expect(ContentLines.text(file) == text)
  }
}
