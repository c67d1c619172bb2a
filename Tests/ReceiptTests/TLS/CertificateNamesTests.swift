import Testing

@testable import Receipt

struct CertificateNamesTests {
  private let names = CertificateNames(["mx.example.com", "*.Example.org", "example.net", "*bad.example.com", "*"])

  @Test(arguments: [
    ("mx.example.com", CertificateNames.Fit.exact), ("MX.EXAMPLE.COM", .exact), ("mx.example.com.", .exact),
    ("mail.example.org", .wildcard), ("MAIL.example.ORG", .wildcard), ("example.org", .none),
    ("a.b.example.org", .none),
    (".example.org", .none), ("*.example.org", .wildcard), ("www.example.net", .none), ("verybad.example.com", .none),
    ("com", .none), ("", .none), (".", .none),
  ])
  func `a name fits as a client would find it does`(name: String, fit: CertificateNames.Fit) {
    #expect(names.fit(name) == fit)
  }
}
