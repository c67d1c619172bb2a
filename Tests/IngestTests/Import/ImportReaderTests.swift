import Bytes
import Foundation
import TestSupport
import Testing

@testable import Ingest

struct ImportReaderTests {
  /// Reads what an import of these files finds: mails, and the reasons of failures.
  private func read(
    _ files: [String: [UInt8]], maxByteCount: Int = 1 << 20
  ) throws -> (mails: [ImportedMail], failures: [String], progress: UInt64, total: UInt64) {
    try withTemporaryDirectory { directory in
      for (path, content) in files {
        let file = URL(fileURLWithPath: directory + "/" + path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content).write(to: file)
      }
      let plan = try ImportPlan(paths: [directory], folder: nil)
      var reader = ImportReader(plan, fileSystem: PosixFileSystem(), maxByteCount: maxByteCount)
      var mails: [ImportedMail] = []
      var failures: [String] = []
      while let found = reader.next() {
        switch found {
        case .mail(let mail): mails.append(mail)
        case .failure(let reason): failures.append(reason)
        }
      }
      return (mails, failures, reader.progress, plan.byteCount)
    }
  }

  private let mail = Array("Subject: x\n\ny\n".utf8)

  @Test(arguments: [
    ("cur/1:2,S", true, false, false), ("cur/1:2,", false, false, false), ("cur/1:2,FRS", true, true, true),
    ("cur/1", false, false, false), ("new/1", false, false, false), ("cur/1:2,RT", false, false, true),
    ("cur/1,S=5:2,F", false, true, false),
  ])
  func `flags come from a Maildir's file names`(name: String, isRead: Bool, isStarred: Bool, isReplied: Bool) throws {
    let found = try read(["M/cur/.keep": [], "M/new/.keep": [], "M/" + name: mail])
    let only = try #require(found.mails.first)
    #expect(found.mails.count == 1)
    #expect(only.bytes == mail)
    #expect(only.isRead == isRead)
    #expect(only.isStarred == isStarred)
    #expect(only.isReplied == isReplied)
  }

  @Test func `an mbox says nothing of flags and dates its mails by their separators`() throws {
    let found = try read(["Inbox.mbox": Array((MboxText.separator + "Subject: x\n\ny\n").utf8)])
    let only = try #require(found.mails.first)
    #expect(only.isRead == nil && only.isStarred == nil && only.isReplied == nil)
    #expect(only.fallbackDate == Timestamp(rawValue: 1_795_472_401_000))
    #expect(only.folder == "Inbox")
  }

  @Test func `one bad file is a failure and the others are read`() throws {
    let mbox = Array(MboxText.mbox("A: b\n\nOne.\n", "A: c\n\nTwo.\n").utf8)
    let found = try read([
      "1.mbox.zst": Array(Zstd.compress(mbox).dropLast(3)), "2.mbox": Array("no separator\n".utf8), "3.eml": [],
      "4.mbox": [], "5.mbox.zst": Zstd.compress(mbox), "6.eml": mail, "7.mbox": Array(MboxText.separator.utf8),
    ])
    #expect(found.mails.filter { $0.folder == "5" }.count == 2)
    #expect(found.mails.contains { $0.bytes == mail })
    #expect(found.failures.count == 4)
    for (name, failure) in zip(["1.mbox.zst", "2.mbox", "3.eml", "7.mbox"], found.failures) {
      #expect(failure.contains("/" + name + ": "), "\(failure)")
    }
  }

  @Test func `what is over the limit is a failure that says so`() throws {
    let long = Array("Subject: long\n\n".utf8) + [UInt8](repeating: 0x78, count: 2_000)
    let found = try read(
      [
        "a.eml": long,
        "b.mbox": Array(MboxText.separator.utf8) + long + [0x0A, 0x0A] + Array(MboxText.mbox("A: b\n\n").utf8),
      ],
      maxByteCount: 1_000)
    #expect(found.mails.map(\.bytes) == [Array("A: b\n\n".utf8)])
    #expect(found.failures.count == 2)
    #expect(found.failures.allSatisfy { $0.contains("limit of 1000") })
  }

  @Test func `progress ends at the sum of all files`() throws {
    let found = try read(["a.eml": mail, "b.mbox": Array(MboxText.mbox("A: b\n\nOne.\n").utf8), "c.eml": []])
    #expect(found.progress == found.total)
    #expect(found.total > 0)
  }
}
