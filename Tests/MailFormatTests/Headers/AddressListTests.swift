import MailFormat
import Testing

struct AddressListTests {
  @Test(arguments: [
    ("alice@example.com", ["|alice@example.com"]),
    ("<alice@example.com>", ["|alice@example.com"]),
    ("Alice <alice@example.com>", ["Alice|alice@example.com"]),
    ("\"Adams, Alice\" <alice@example.com>, bob@example.org", ["Adams, Alice|alice@example.com", "|bob@example.org"]),
    ("\"A \\\"B\\\" C\" <a@example.com>", ["A \"B\" C|a@example.com"]),
    ("alice@example.com (Alice (the) Adams)", ["Alice (the) Adams|alice@example.com"]),
    ("\"alice adams\"@example.com", ["|\"alice adams\"@example.com"]),
    ("Alice alice@example.com", ["Alice|alice@example.com"]),
    ("alice@example.com; bob@example.org", ["|alice@example.com", "|bob@example.org"]),
    ("Team: alice@example.com, Bob <bob@example.org>;", ["|alice@example.com", "Bob|bob@example.org"]),
    ("undisclosed-recipients:;", []),
    ("<@a.example,@b.example:carol@example.org>", ["|carol@example.org"]),
    ("Carol < carol @ example . org >", ["Carol|carol@example.org"]),
    ("Alice <alice@example.com", ["Alice|alice@example.com"]),
    ("Alice <alice@example.com, Bob <bob@example.org>", ["Alice|alice@example.com", "Bob|bob@example.org"]),
    ("=?utf-8?Q?Doe=2C_J=C3=B6rg?= <j@example.com>", ["Doe, Jörg|j@example.com"]),
    ("=?utf-8?Q?Doe,_J=C3=B6rg?= <j@example.com>", ["Doe, Jörg|j@example.com"]),
    ("\"=?utf-8?Q?J=C3=B6rg?=\" <j@example.com>", ["Jörg|j@example.com"]),
    ("=?utf-8?Q?J=C3=B6rg_=3Cj=40example.com=3E?=", ["Jörg|j@example.com"]),
    ("root", ["|root"]),
    ("Nobody At All", ["Nobody At All|"]),
    ("alice@example.com <alice@example.com>", ["|alice@example.com"]),
    ("müller@example.com", ["|müller@example.com"]),
    (",,;, ,", []),
    ("", []),
    ("<>", []),
    ("(only a comment)", []),
    ("\"never closed <a@example.com>", ["\"never closed|<a@example.com>"]),
  ])
  func `an address list is read as people write it`(field: String, expected: [String]) {
    let mail = MailParser().parse(Array("To: \(field)\n\n".utf8))
    #expect(mail.to.map { "\($0.name ?? "")|\($0.address)" } == expected)
  }

  @Test func `several fields of one name are one list`() {
    let mail = MailParser().parse(Array("To: a@example.com\nCc: c@example.com\nTo: b@example.com\n\n".utf8))
    #expect(mail.to.map(\.address) == ["a@example.com", "b@example.com"])
    #expect(mail.cc.map(\.address) == ["c@example.com"])
  }
}
