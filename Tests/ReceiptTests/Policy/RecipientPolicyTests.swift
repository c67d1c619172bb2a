import Bytes
import MailStore
import Receipt
import SMTP
import TestSupport
import Testing

struct RecipientPolicyTests {
  private let accounts: TestAccounts = [
    "alice@example.com", "bob@example.com", "carol@example.org", "john-smith@example.com", "john@example.com",
    "gül@example.com", "\"a b\"@example.com", "dave+work@example.com", "dave@example.com",
  ]

  // MARK: - Addresses of one's own

  @Test func `an account's address is its own, with tags, also where an alias sends its mail elsewhere`() throws {
    let alice = try #require(AccountAddress("alice@example.com"))
    let bob = try #require(AccountAddress("bob@example.com"))
    let policy = try RecipientPolicy(aliases: [bob: [alice]])
    for own in ["bob@example.com", "bob+news@example.com"] {
      #expect(policy.has(UserID(rawValue: 2), own, among: accounts), "\(own)")
      #expect(policy.has(UserID(rawValue: 1), own, among: accounts), "\(own): the alias leads there")
      #expect(!policy.has(UserID(rawValue: 3), own, among: accounts), "\(own)")
    }
    #expect(!policy.has(UserID(rawValue: 2), "alice@example.com", among: accounts))
  }

  // MARK: - Accounts

  @Test(arguments: [
    ("alice@example.com", "alice@example.com"), ("ALICE@EXAMPLE.COM", "alice@example.com"),
    ("\"alice\"@example.com", "alice@example.com"), ("alice@example.com.", "alice@example.com"),
    ("\"a b\"@example.com", "\"a b\"@example.com"), ("gu\u{308}l@example.com", "gül@example.com"),
  ])
  func `an address is an account's in any case and spelling`(recipient: String, account: String) {
    #expect(found(recipient, by: RecipientPolicy()) == [account])
  }

  @Test(arguments: ["postmaster", "Postmaster", "POSTMASTER@example.com", "postmaster@EXAMPLE.ORG"])
  func `postmaster is always somebody`(recipient: String) {
    #expect(found(recipient, by: RecipientPolicy()) == ["alice@example.com"])
  }

  @Test func `an account called postmaster gets the mail for that address`() {
    let accounts: TestAccounts = ["alice@example.com", "postmaster@example.org"]
    let policy = RecipientPolicy()
    #expect(policy.resolve("postmaster@example.org", among: accounts) == .accepted([UserID(rawValue: 2)]))
    #expect(policy.resolve("postmaster@example.com", among: accounts) == .accepted([UserID(rawValue: 1)]))
    #expect(policy.resolve("postmaster", among: [] as TestAccounts) == .unknown)
  }

  @Test(arguments: ["nobody@example.com", "al.ice@example.com", "alice", "", "@", "alice@", "@example.com"])
  func `somebody who is not there is unknown`(recipient: String) {
    #expect(RecipientPolicy().resolve(recipient, among: accounts) == .unknown)
  }

  @Test(arguments: [
    "alice@example.net", "postmaster@example.net", "alice@sub.example.com", "alice@[192.0.2.1]",
    "alice%example.com@example.net", "alice@com", "alice+x@example.net",
  ])
  func `another domain is no affair of ours`(recipient: String) {
    #expect(RecipientPolicy().resolve(recipient, among: accounts) == .foreign)
  }

  @Test func `listed domains are the only ones`() throws {
    let policy = try RecipientPolicy(domains: ["example.com", "example.net"])
    #expect(found("alice@example.com", by: policy) == ["alice@example.com"])
    #expect(policy.resolve("carol@example.org", among: accounts) == .foreign)
    #expect(policy.resolve("carol@example.net", among: accounts) == .unknown)
    #expect(found("postmaster@example.net", by: policy) == ["alice@example.com"])
    #expect(found("postmaster", by: policy) == ["alice@example.com"])
  }

  // MARK: - Tags

  @Test(arguments: [
    ("alice+news@example.com", "alice@example.com"), ("Alice+News@Example.COM", "alice@example.com"),
    ("alice+@example.com", "alice@example.com"), ("alice+a+b@example.com", "alice@example.com"),
    ("alice++@example.com", "alice@example.com"), ("\"alice+news\"@example.com", "alice@example.com"),
    ("\"a b+news\"@example.com", "\"a b\"@example.com"), ("\"alice+two words\"@example.com", "alice@example.com"),
    ("gül+뉴스@example.com", "gül@example.com"), ("gu\u{308}l+\u{308}@example.com", "gül@example.com"),
    ("postmaster+x@example.com", "alice@example.com"),
    ("dave+work@example.com", "dave+work@example.com"), ("dave+work+late@example.com", "dave+work@example.com"),
    ("dave+home@example.com", "dave@example.com"),
    ("alice+\(String(repeating: "x", count: 200))@example.com", "alice@example.com"),
  ])
  func `what follows a plus is the user's own affair`(recipient: String, account: String) {
    #expect(found(recipient, by: RecipientPolicy()) == [account])
  }

  @Test(arguments: [
    "+news@example.com", "+alice@example.com", "++@example.com", "nobody+alice@example.com", "alice-news@example.com",
    "\"+news\"@example.com", "\"\\+alice\"@example.com", "al+ice+alice@example.org", "alice\u{FF0B}x@example.com",
    "\(String(repeating: "+", count: 250))@example.com", "\(String(repeating: "x", count: 65))+y@example.com",
  ])
  func `a tag makes nobody of somebody else`(recipient: String) {
    #expect(RecipientPolicy().resolve(recipient, among: accounts) == .unknown)
  }

  @Test(arguments: [
    ("+-", "john-smith+news@example.com", "john-smith@example.com"),
    ("+-", "john-news@example.com", "john@example.com"), ("-", "john-smith-x@example.com", "john-smith@example.com"),
    ("-", "alice-a+b@example.com", "alice@example.com"), ("=", "alice=a@example.com", "alice@example.com"),
  ])
  func `other signs may part them, and the longest account has the mail`(
    signs: String, recipient: String, account: String
  ) throws {
    let subaddressing = try #require(Subaddressing(signs))
    #expect(found(recipient, by: try RecipientPolicy(subaddressing: subaddressing)) == [account])
  }

  @Test func `without signs an address is always taken whole`() throws {
    let policy = try RecipientPolicy(subaddressing: #require(Subaddressing("")))
    #expect(policy.resolve("alice+news@example.com", among: accounts) == .unknown)
    #expect(found("dave+work@example.com", by: policy) == ["dave+work@example.com"])
  }

  @Test(arguments: ["a", "+a", ".", "@", "\"", "\\", " ", "+ ", "§", "0", "\u{0}", "(", ","])
  func `what may be part of a name parts nothing`(signs: String) {
    #expect(Subaddressing(signs) == nil)
  }

  // MARK: - Aliases

  @Test func `an alias is those whom it names, through others too, each once`() throws {
    let policy = try policy([
      "team@example.com": ["alice@example.com", "crew@example.com"],
      "crew@example.com": ["bob@example.com", "carol@example.org", "alice+crew@example.com"],
    ])
    let all = ["alice@example.com", "bob@example.com", "carol@example.org"]
    #expect(found("team@example.com", by: policy) == all)
    #expect(found("TEAM@example.com", by: policy) == all)
    #expect(found("team+today@example.com", by: policy) == all)
    #expect(found("crew@example.com", by: policy) == ["bob@example.com", "carol@example.org", "alice@example.com"])
  }

  @Test func `an alias comes before an account, which names itself for a copy`() throws {
    let policy = try policy([
      "alice@example.com": ["alice@example.com", "bob@example.com"], "bob@example.com": ["carol@example.org"],
      "staff@example.com": ["alice@example.com"],
    ])
    #expect(found("alice@example.com", by: policy) == ["alice@example.com", "carol@example.org"])
    #expect(found("bob@example.com", by: policy) == ["carol@example.org"])
    #expect(found("staff@example.com", by: policy) == ["alice@example.com", "carol@example.org"])
  }

  @Test func `an alias may have a tag of its own`() throws {
    let policy = try policy(["alice+shop@example.com": ["bob@example.com"]])
    #expect(found("alice+shop@example.com", by: policy) == ["bob@example.com"])
    #expect(found("alice+shop+x@example.com", by: policy) == ["bob@example.com"])
    #expect(found("alice+other@example.com", by: policy) == ["alice@example.com"])
  }

  @Test func `targets that are not there get nothing, and an alias of nobody is nobody`() throws {
    let policy = try policy([
      "team@example.com": ["gone@example.com", "bob@example.com"], "old@example.com": ["gone@example.com"],
      "carol@example.org": ["gone@example.com"],
    ])
    #expect(found("team@example.com", by: policy) == ["bob@example.com"])
    #expect(policy.resolve("old@example.com", among: accounts) == .unknown)
    #expect(found("carol@example.org", by: policy) == ["carol@example.org"], "the account is better than nobody")
  }

  @Test func `postmaster may be an alias, alone or of a domain, and falls back to whoever it is anyhow`() throws {
    let policy = try policy([
      "postmaster": ["bob@example.com"], "postmaster@example.org": ["carol@example.org", "postmaster"],
      "postmaster@example.com": ["gone@example.com"], "abuse@example.com": ["postmaster@example.org"],
    ])
    #expect(found("postmaster", by: policy) == ["bob@example.com"])
    #expect(found("Postmaster@example.org", by: policy) == ["carol@example.org", "bob@example.com"])
    #expect(found("postmaster@example.com", by: policy) == ["alice@example.com"])
    #expect(found("abuse@example.com", by: policy) == ["carol@example.org", "bob@example.com"])
  }

  @Test func `an alias' domain is one of ours`() throws {
    let policy = try policy(["info@example.net": ["alice@example.com"]])
    #expect(found("info@example.net", by: policy) == ["alice@example.com"])
    #expect(policy.resolve("nobody@example.net", among: accounts) == .unknown)
    #expect(found("postmaster@example.net", by: policy) == ["alice@example.com"])
  }

  @Test func `a circle is an error that names all who are in it`() throws {
    let error = #expect(throws: PolicyError.self) {
      try self.policy([
        "a@example.com": ["alice@example.com", "b@example.com"], "b@example.com": ["b@example.com", "c@example.com"],
        "c@example.com": ["b@example.com"], "d@example.com": ["bob@example.com"],
      ])
    }
    #expect(
      error?.description == "aliases that go in a circle: b@example.com → c@example.com → b@example.com")
    #expect(try error?.entry == .alias(address("c@example.com")))
  }

  @Test func `aliases are no longer than sixteen one behind another`() throws {
    func chain(_ length: Int) throws -> RecipientPolicy {
      var aliases: [String: [String]] = [:]
      for number in 1...length { aliases["a\(number)@example.com"] = ["a\(number + 1)@example.com"] }
      aliases["a\(length)@example.com"] = ["bob@example.com"]
      return try policy(aliases)
    }
    #expect(found("a1@example.com", by: try chain(16)) == ["bob@example.com"])
    let error = #expect(throws: PolicyError.self) { try chain(17) }
    #expect(error?.description == "more than 16 aliases one behind another from a1@example.com on")
    #expect(throws: PolicyError.self) { try chain(20_000) }
  }

  @Test func `an alias leads to a thousand addresses at most, whatever it names`() throws {
    let all = (1...1_001).map { "u\($0)@example.com" }
    let most = ["all@example.com": Array(all.prefix(1_000)), "both@example.com": ["all@example.com", all[7]]]
    _ = try policy(most)
    let error = #expect(throws: PolicyError.self) {
      try self.policy(most.merging(["more@example.com": ["all@example.com", all[1_000]]]) { $1 })
    }
    #expect(error?.description == "more@example.com leads to more than 1000 addresses")
  }

  @Test func `an alias with a tag is no target`() {
    let error = #expect(throws: PolicyError.self) {
      try self.policy(["a@example.com": ["b+x@example.com"], "b@example.com": ["bob@example.com"]])
    }
    #expect(error?.description == "b+x@example.com is the alias b@example.com with a tag; name b@example.com")
  }

  @Test func `what lies outside the listed domains is an error`() throws {
    let error = #expect(throws: PolicyError.self) {
      try self.policy(domains: ["example.com"], ["a@example.com": ["eve@example.net"]])
    }
    #expect(try error?.entry == .alias(address("a@example.com")))
    #expect(error?.description.hasPrefix("eve@example.net is in none of policy.recipients.domains") == true)
    #expect(throws: PolicyError.self) {
      try self.policy(domains: ["example.com"], ["a@example.net": ["alice@example.com"]])
    }
    #expect(throws: PolicyError.self) {
      try self.policy(domains: ["example.com"], catchAll: ["example.net": "alice@example.com"])
    }
  }

  // MARK: - Catch-alls

  @Test func `who catches all of a domain gets what is nobody else's`() throws {
    let policy = try policy(
      ["crew@example.com": ["alice@example.com", "bob@example.com"], "old@example.org": ["gone@example.com"]],
      catchAll: ["example.org": "crew@example.com", "example.net": "carol@example.org"])
    #expect(found("carol@example.org", by: policy) == ["carol@example.org"])
    #expect(found("anybody@example.org", by: policy) == ["alice@example.com", "bob@example.com"])
    #expect(found("old@example.org", by: policy) == ["alice@example.com", "bob@example.com"])
    #expect(found("+x@example.net", by: policy) == ["carol@example.org"])
    #expect(found("postmaster@example.net", by: policy) == ["alice@example.com"])
    #expect(policy.resolve("anybody@example.com", among: accounts) == .unknown)
    #expect(policy.resolve("anybody@sub.example.org", among: accounts) == .foreign)
  }

  // MARK: - Doubts

  @Test func `what may be a mistake is told, and nothing of a policy that is well`() throws {
    let policy = try policy(
      domains: ["example.com"],
      [
        "team@example.com": ["alice@example.com", "gone@example.com"], "bob@example.com": ["alice@example.com"],
        "john@example.com": ["john@example.com", "alice@example.com"],
      ], catchAll: ["example.com": "lost@example.com"])
    #expect(
      policy.doubts(among: accounts) == [
        "alias bob@example.com: the account of that address gets none of its mail; name it too for a copy",
        "alias team@example.com: there is no account gone@example.com",
        "catch_all example.com: there is no account lost@example.com",
        "domains: there are accounts in example.org, which gets no mail",
      ])
    #expect(RecipientPolicy().doubts(among: accounts) == [])
  }

  // MARK: - Whatever comes

  @Test(arguments: UInt64(0)..<20)
  func `any text is somebody's, nobody's or another server's, and the same for its own spelling`(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let pieces = [
      "alice", "+", "@", "example.com", "\"", "\\", " ", ".", "ü", "밥", "\u{308}", "-", "team", "<", "\0", "%",
    ]
    let policy = try RecipientPolicy(
      subaddressing: #require(Subaddressing("+-")),
      aliases: [address("team@example.com"): [address("alice@example.com")]])
    for _ in 0..<200 {
      let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }.joined()
      let recipient = Bool.random(using: &random) ? text : text + "@example.com"
      let resolution = policy.resolve(recipient, among: accounts)
      if case .accepted(let users, _) = resolution { #expect(!users.isEmpty, "seed \(seed): \(recipient)") }
      #expect(policy.resolve(recipient.uppercased(), among: accounts) == resolution, "seed \(seed): \(recipient)")
    }
  }

  private func found(_ recipient: String, by policy: RecipientPolicy) -> [String]? {
    guard case .accepted(let users, _) = policy.resolve(recipient, among: accounts) else { return nil }
    return accounts.names(users)
  }

  private func policy(
    domains: Set<String> = [], _ aliases: [String: [String]] = [:], catchAll: [String: String] = [:]
  ) throws -> RecipientPolicy {
    let typed = try aliases.map { (try address($0), try $1.map(address)) }
    return try RecipientPolicy(
      domains: domains, aliases: Dictionary(uniqueKeysWithValues: typed), catchAll: catchAll.mapValues(address))
  }

  private func address(_ text: String) throws -> AccountAddress { try #require(AccountAddress(text)) }
}
