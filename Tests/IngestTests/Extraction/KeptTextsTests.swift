import Index
import MailFormat
import Testing

@testable import Ingest

/// Which of an earlier record's texts are those of documents that were missed this time.
struct KeptTextsTests {
  /// `name: text`, in order.
  private func record(_ texts: String...) -> ExtractedTextRecord {
    var record = ExtractedTextRecord()
    record.attachmentTexts = texts.map { entry in
      let parts = entry.split(separator: ":", maxSplits: 1).map(String.init)
      return ExtractedTextRecord.AttachmentText(filename: parts[0] == "-" ? nil : parts[0], text: parts[1])
    }
    return record
  }

  private func missed(_ name: String?, _ position: Int) -> MissedDocument {
    MissedDocument(filename: name, position: position, reason: "busy")
  }

  @Test func `a missed document keeps its text and its place`() {
    var fresh = record("a:first", "c:third")
    let lacking = fresh.keepTexts(
      of: [missed("b", 1), missed("d", 2)], from: record("a:first", "b:second", "c:third", "d:fourth"))
    #expect(fresh == record("a:first", "b:second", "c:third", "d:fourth"))
    #expect(lacking == [])
  }

  @Test func `what was missed in both is missed still`() {
    var fresh = record("a:first")
    #expect(fresh.keepTexts(of: [missed("b", 1)], from: record("a:first")) == [missed("b", 1)])
    #expect(fresh == record("a:first"))
  }

  @Test func `of files of one name each has its own text`() {
    var fresh = record("scan:two")
    let lacking = fresh.keepTexts(
      of: [missed("scan", 0), missed("scan", 1)], from: record("scan:one", "scan:two", "scan:three"))
    #expect(fresh == record("scan:one", "scan:two", "scan:three") && lacking == [])
    fresh = record("scan:two")
    #expect(fresh.keepTexts(of: [missed("scan", 0)], from: record("scan:two")).count == 1)
    #expect(fresh == record("scan:two"), "what another says is not taken for it")
  }

  @Test func `a file without a name keeps its text, and never takes that of one with a name`() {
    var fresh = record("a:first")
    #expect(fresh.keepTexts(of: [missed(nil, 0)], from: record("-:nameless", "a:first")) == [])
    #expect(fresh == record("-:nameless", "a:first"))
    #expect(fresh.keepTexts(of: [missed(nil, 0)], from: record("a:first", "b:other")).count == 1)
  }

  @Test func `a record without names has each text once, and what is left of it counts as missed`() {
    var fresh = record("a:first")
    #expect(fresh.keepTexts(of: [missed(nil, 1)], from: record("-:first")) == [missed(nil, 1)])
    #expect(fresh == record("a:first"), "what another says is not taken for it")
    #expect(fresh.keepTexts(of: [missed("b", 0)], from: record("-:second", "-:first")) == [missed("b", 0)])
    #expect(fresh == record("a:first", "-:second"))
  }

  @Test func `where another file's text is a new one nothing is lost, and nothing counts as read, however often`() {
    for earlier in [record("scan:old", "b:second"), record("scan:new", "scan:old", "b:second")] {
      var fresh = record("scan:new")
      let lacking = fresh.keepTexts(of: [missed("scan", 1), missed("b", 1), missed("c", 1)], from: earlier)
      #expect(lacking.contains(missed("c", 1)))
      #expect(fresh == record("scan:new", "scan:old", "b:second"))
    }
    var fresh = record("scan:new")
    #expect(fresh.keepTexts(of: [missed("scan", 1)], from: record("scan:old")) == [missed("scan", 1)])
    #expect(fresh == record("scan:new", "scan:old"))
  }
}
