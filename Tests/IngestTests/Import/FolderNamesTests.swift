import MailStore
import Testing

@testable import Ingest

struct FolderNamesTests {
  @Test(
    arguments: [
      ("INBOX", .inbox), ("Sent Items", .sent), ("_sent_mail", .sent), ("[Gmail]/Sent Mail", .sent),
      ("Drafts", .drafts),
      ("Archive", .archive), ("Junk", .spam), ("Deleted Items", .trash), ("Projects", nil), ("sentinel", nil),
      ("", nil),
    ] as [(String, FolderRole?)])
  func `well-known names have roles in any case`(name: String, role: FolderRole?) {
    #expect(FolderNames.role(of: name) == role)
  }
}
