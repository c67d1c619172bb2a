import Testing

@testable import Ingest

/// mboxcl and mboxcl2, and files that only look like them.
struct MboxContentLengthTests {
  private let separator = MboxText.separator

  private func message(_ body: String, claiming length: Int? = nil) -> String {
    "Content-Length: \(length ?? body.utf8.count)\n\n" + body
  }

  @Test func `Content-Length carries an unquoted separator through a body`() throws {
    let first = message("One.\n\n" + MboxText.separator + "\nnot a mail\n")
    let second = message("Two.\n")
    #expect(try messages(in: MboxText.mbox(first, second)) == [first, second])
  }

  @Test func `it does so at the end of the file, with and without the last empty line`() throws {
    let only = message("One.\n\n" + MboxText.separator + "not a mail\n")
    #expect(try messages(in: separator + only) == [only])
    #expect(try messages(in: separator + only + "\n") == [only])
  }

  @Test func `a body without a last line feed is not given one`() throws {
    let first = message("One.\n\n" + MboxText.separator + "no line feed here")
    let mbox = separator + first + "\n\n" + separator + message("Two.\n")
    #expect(try messages(in: mbox) == [first, message("Two.\n")])
  }

  @Test func `a file that shows it does not quote keeps what looks like quoting`() throws {
    let first = message(">From me\n\n" + MboxText.separator + ">From you\n")
    #expect(try messages(in: MboxText.mbox(first)) == [first])
  }

  @Test func `a quoted body whose length counts the quoting is undone as mboxrd is`() throws {
    let body = ">From me\n\n>" + MboxText.separator + "text\n"
    let expected = message("From me\n\n" + MboxText.separator + "text\n", claiming: body.utf8.count)
    #expect(try messages(in: MboxText.mbox(message(body), message("Two.\n"))) == [expected, message("Two.\n")])
  }

  @Test func `messages that follow each other without an empty line are told apart by their length`() throws {
    let first = message("One.\n")
    #expect(try messages(in: separator + first + separator + message("Two.\n")) == [first, message("Two.\n")])
  }

  @Test func `an empty line that the length counts belongs to the body`() throws {
    let first = message("One.\n\n")
    #expect(try messages(in: separator + first + separator + message("Two.\n")) == [first, message("Two.\n")])
  }

  @Test(arguments: [0, 1, 4, 7, 50, 200, 100_000, Int.max, -1])
  func `a length that lies changes nothing`(length: Int) throws {
    let first = message("One.\n", claiming: length)
    let second = message("Two.\nMore.\n", claiming: length)
    #expect(try messages(in: MboxText.mbox(first, second)) == [first, second])
  }

  @Test(arguments: ["", "x", "1 000 000 000 000 000 000 000", "-", "0x10", "5; 6"])
  func `a length that is no number changes nothing`(text: String) throws {
    let first = "Content-Length: \(text)\n\nOne.\n"
    #expect(try messages(in: MboxText.mbox(first, "A: b\n\n")) == [first, "A: b\n\n"])
  }

  @Test func `a field in the body is text`() throws {
    let first = "A: b\n\nContent-Length: 500\n"
    #expect(try messages(in: MboxText.mbox(first, "A: c\n\n" + String(repeating: "x\n", count: 300))).count == 2)
  }

  @Test func `lengths that all lie cost no more than reading ahead once`() throws {
    let limit = 8 << 20
    let mbox = String(repeating: separator + message("One.\n", claiming: limit - 1) + "\n", count: 20_000)
    let clock = ContinuousClock()
    var count = 0
    let seconds = try clock.measure { count = try messages(in: Array(mbox.utf8), maxByteCount: limit).count }
    #expect(count == 20_000)
    #expect(seconds < .seconds(300), "looking ahead is not linear")
  }
}
