import Foundation
import TestSupport
import Testing

@testable import Ingest

struct ImportPlanTests {
  private let mail = "Subject: x\n\ny\n"

  /// Makes these files, plans the import of `paths` below the directory, and shows each item as `path > folder`.
  private func plan(
    _ files: [String: String], import paths: [String] = [""], folder: String? = nil,
    prepare: (String) throws -> Void = { _ in }
  ) throws -> [String] {
    try withTemporaryDirectory { directory in
      let root = directory + "/mail"
      try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
      for (path, content) in files {
        let file = URL(fileURLWithPath: root + "/" + path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        if !path.hasSuffix("/") { try Data(content.utf8).write(to: file) }
      }
      try prepare(root)
      let plan = try ImportPlan(paths: paths.map { $0.isEmpty ? root : root + "/" + $0 }, folder: folder)
      #expect(plan.byteCount == plan.items.reduce(0) { $0 + $1.byteCount })
      return plan.items.map { "\($0.path.dropFirst(root.count + 1)) > \($0.folder)" }
    }
  }

  private func maildir(_ path: String, _ messages: String...) -> [String: String] {
    var files = [path + "/cur/.keep": "", path + "/new/.keep": "", path + "/tmp/half": "Subject: half"]
    for name in messages { files[path + "/" + name] = mail }
    return files
  }

  @Test func `names of mboxes are folders`() throws {
    let files = [
      "Inbox.mbox": MboxText.mbox(mail), "2024.MBOX.zst": "", "Sent": MboxText.mbox(mail), "notes.txt": "no mail",
    ]
    #expect(try plan(files) == ["2024.MBOX.zst > 2024", "Inbox.mbox > Inbox", "Sent > Sent"])
  }

  @Test func `directories are walked, messages in them take the directory's name`() throws {
    let files = [
      "Work/a.eml": mail, "Work/2024/b.EML": mail, "Work/2024/Old.mbox": MboxText.mbox(mail), ".hidden/c.eml": mail,
    ]
    #expect(try plan(files) == ["Work/2024/Old.mbox > Old", "Work/2024/b.EML > 2024", "Work/a.eml > Work"])
  }

  @Test func `a lone message goes to the inbox, whatever its name`() throws {
    #expect(try plan(["a.eml": mail], import: ["a.eml"]) == ["a.eml > inbox"])
    #expect(try plan(["message": mail], import: ["message"]) == ["message > inbox"])
  }

  @Test func `a folder that was asked for holds everything`() throws {
    let files = ["Inbox.mbox": MboxText.mbox(mail), "Work/a.eml": mail].merging(maildir("M/.Sub", "cur/1")) { $1 }
      .merging(maildir("M", "cur/1")) { $1 }
    #expect(try Set(plan(files, folder: "Old").map { $0.split(separator: " > ").last }) == ["Old"])
  }

  @Test func `a Maildir is the inbox, its subfolders have their names`() throws {
    let files = maildir("M", "cur/1:2,S", "new/2").merging(maildir("M/.Sent", "cur/3:2,S")) { $1 }
      .merging(maildir("M/.Work.2024", "cur/4")) { $1 }.merging(maildir("M/.&rADIcQ-", "new/5")) { $1 }
    #expect(
      try plan(files, import: ["M"]) == [
        "M/cur/1:2,S > inbox", "M/new/2 > inbox", "M/.&rADIcQ-/new/5 > 가족", "M/.Sent/cur/3:2,S > Sent",
        "M/.Work.2024/cur/4 > Work/2024",
      ])
  }

  @Test func `a Maildir inside a directory keeps the names of its subfolders`() throws {
    let files = maildir("Maildir", "cur/1").merging(maildir("Maildir/.Sent", "cur/2")) { $1 }
      .merging(maildir("Lists", "cur/3")) { $1 }.merging(maildir("Lists/.Swift", "cur/4")) { $1 }
    #expect(
      try plan(files) == [
        "Lists/cur/3 > Lists", "Lists/.Swift/cur/4 > Lists/Swift", "Maildir/cur/1 > inbox",
        "Maildir/.Sent/cur/2 > Sent",
      ])
  }

  @Test func `plain directories inside a Maildir are its folders`() throws {
    let files = maildir("M", "cur/1").merging(maildir("M/Work", "cur/2")) { $1 }.merging(maildir("M/Work/Q3", "cur/3"))
    { $1 }
    #expect(
      try plan(files, import: ["M"]) == ["M/cur/1 > inbox", "M/Work/cur/2 > Work", "M/Work/Q3/cur/3 > Work/Q3"])
  }

  @Test func `links are followed, once`() throws {
    let items = try plan(["real/Inbox.mbox": MboxText.mbox(mail)]) { root in
      try FileManager.default.createSymbolicLink(atPath: root + "/link.mbox", withDestinationPath: "real/Inbox.mbox")
      try FileManager.default.createSymbolicLink(atPath: root + "/real/up", withDestinationPath: "..")
      try FileManager.default.createSymbolicLink(atPath: root + "/real/here", withDestinationPath: ".")
      try FileManager.default.createSymbolicLink(atPath: root + "/dead.mbox", withDestinationPath: "nowhere")
    }
    #expect(items == ["link.mbox > link", "real/Inbox.mbox > Inbox"])
  }

  @Test func `a link's size is that of its file`() throws {
    try withTemporaryDirectory { directory in
      try Data(MboxText.mbox(mail).utf8).write(to: URL(fileURLWithPath: directory + "/a.mbox"))
      try FileManager.default.createSymbolicLink(atPath: directory + "/b.mbox", withDestinationPath: "a.mbox")
      let plan = try ImportPlan(paths: [directory + "/b.mbox"], folder: nil)
      #expect(plan.byteCount == UInt64(MboxText.mbox(mail).utf8.count))
    }
  }

  @Test func `pipes are left alone and refused by name`() throws {
    func makePipe(_ root: String) { #expect(mkfifo(root + "/pipe.mbox", 0o600) == 0) }
    #expect(try plan(["a.eml": mail], prepare: makePipe) == ["a.eml > mail"])
    #expect(throws: ImportError.self) { try plan([:], import: ["pipe.mbox"], prepare: makePipe) }
  }

  @Test func `an empty mbox is an mbox without mails`() throws {
    #expect(try plan(["Drafts.mbox": ""]) == ["Drafts.mbox > Drafts"])
    #expect(try plan(["Drafts": ""], import: ["Drafts"]) == ["Drafts > inbox"])
  }

  @Test(arguments: ["missing", "empty"])
  func `a path without mail is an error that names it`(path: String) throws {
    let error = #expect(throws: ImportError.self) { try plan(["empty/": ""], import: [path]) }
    #expect(error?.description.contains("/" + path + ":") == true)
  }

  @Test func `the same path may be named twice`() throws {
    #expect(try plan(["M/a.eml": mail], import: ["M", "M"]) == ["M/a.eml > M", "M/a.eml > M"])
  }
}
