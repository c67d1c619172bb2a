import Testing

@testable import Ingest

struct MaildirFolderTests {
  @Test(arguments: [
    ("Sent", "Sent"), ("&AOQ-pfel", "äpfel"), ("&rADIcQ-", "가족"), ("a &- b", "a & b"), ("&2D3eAA-", "😀"),
    ("&U,BTFw-", "台北"),
  ])
  func `names in modified UTF-7 are read`(name: String, expected: String) {
    #expect(MaildirFolder.decoded(name) == expected)
  }

  @Test(arguments: ["R&D", "&", "&AAA", "&A-", "&*-", "&AOQ", "a&b-c"])
  func `what is not modified UTF-7 stays as it is`(name: String) {
    #expect(MaildirFolder.decoded(name) == name)
  }
}
