import Testing

@testable import Ingest

struct MailboxMarksTests {
  private func marks(_ fields: [String: String]) -> MailboxMarks { MailboxMarks { fields[$0] } }

  @Test(arguments: [("RO", true), ("R", true), ("O", false), ("", false)])
  func `Status says whether a mail was read`(value: String, isRead: Bool) {
    #expect(marks(["status": value]).isRead == isRead)
  }

  @Test func `without marks nothing is said`() {
    let none = marks([:])
    #expect(none.isRead == nil)
    #expect(!none.isStarred && !none.isReplied)
    #expect(none.labels == [])
    #expect(none.folder == nil)
  }

  @Test(arguments: [
    ("AF", true, true), ("F", true, false), ("A", false, true), ("D", false, false), ("", false, false),
  ])
  func `X-Status says flagged and answered`(value: String, isStarred: Bool, isReplied: Bool) {
    let marks = marks(["x-status": value])
    #expect(marks.isStarred == isStarred)
    #expect(marks.isReplied == isReplied)
  }

  @Test(
    arguments: [
      ("Inbox,Important,Unread", false, false, "Inbox", []),
      ("Sent,Opened", true, false, "Sent", []),
      ("Archived,Starred,Work", true, true, "archive", ["Work"]),
      ("Inbox,Archived", true, false, "Inbox", []),
      ("Trash, 가족 ,Travel/2024", true, false, "Trash", ["가족", "Travel/2024"]),
      ("\"Bills, paid\",Inbox", true, false, "Inbox", ["Bills, paid"]),
      (",,", true, false, nil, []),
    ] as [(String, Bool, Bool, String?, [String])])
  func `labels of Gmail are flags, folders and labels`(
    value: String, isRead: Bool, isStarred: Bool, folder: String?, labels: [String]
  ) {
    let marks = marks(["x-gmail-labels": value])
    #expect(marks.isRead == isRead)
    #expect(marks.isStarred == isStarred)
    #expect(marks.folder == folder)
    #expect(marks.labels == labels)
  }
}
