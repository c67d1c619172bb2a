import Bytes
import Foundation
import MailStore
import Receipt
import SMTP
import TestSupport
import Testing

@testable import maildex

struct PolicySectionTests {
  @Test func `a policy is read with its domains, aliases, catch-alls and signs`() throws {
    let policy = try policy(
      """
      policy:
        recipients:
          subaddressing: +-
          domains: [Example.com, example.org.]
          aliases:
            Team@example.com: [alice@example.com, crew@example.com]
            crew@example.com: bob@example.com
            "postmaster": &who
              - bob@example.com
            "\\"odd one\\"@example.org": *who
          catch_all:
            EXAMPLE.org: alice@example.com
      """
    ).recipients
    #expect(users("team@example.com", policy) == [1, 2])
    #expect(users("crew-x@example.com", policy) == [2])
    #expect(users("\"odd one\"@example.org", policy) == [2])
    #expect(users("postmaster", policy) == [2])
    #expect(users("anybody@example.org", policy) == [1])
    #expect(policy.resolve("alice@example.net", among: Accounts()) == .foreign)
  }

  @Test(arguments: [
    "", "policy:\n", "policy: {}\n", "policy:\n  recipients:\n", "policy: { recipients: { aliases: ~ } }\n",
    "policy:\n  recipients:\n    subaddressing:\n    domains:\n    aliases:\n    catch_all:\n",
  ])
  func `what is not said is as by default`(yaml: String) throws {
    let policy = try policy(yaml).recipients
    #expect(users("alice+x@example.com", policy) == [1])
    #expect(policy.resolve("nobody@example.com", among: Accounts()) == .unknown)
  }

  @Test func `the documented example has every key of the policy, with its default`() throws {
    let file = try ConfigurationFile(reading: Checkout.file("docs/maildex.example.yaml").path)
    #expect(users("alice+x@example.com", file.policy.recipients) == [1])
    let text = try String(contentsOf: Checkout.file("docs/maildex.example.yaml"), encoding: .utf8)
    let section = try #require(text.firstMatch(of: /(?s)\npolicy:\n(.*?)\n\w/)).1
    let keys = Set(section.matches(of: /(?m)^ +(\w+):/).map { String($0.1) })
    #expect(
      keys == [
        "recipients", "subaddressing", "domains", "aliases", "catch_all", "senders", "networks", "allow", "block",
        "limits", "mails_per_minute", "recipients_per_minute", "unknown_recipients", "size_by_domain",
        "failed_logins", "failed_logins_of_account",
        "quota", "default", "users", "greylisting", "enabled", "delay", "retry_window", "remember", "known_after",
        "ipv4_prefix", "ipv6_prefix", "dnsbl", "dnsbl_timeout", "dnsbl_threshold", "helo", "require_valid",
        "require_fqdn",
      ])
  }

  @Test func `failed logins have limits that may be others, or none`() throws {
    #expect(try policy("policy: {}\n").limits == LimitPolicy(failedLogins: 10, failedLoginsOfAccount: 30))
    #expect(
      try policy("policy: { limits: { failed_logins: 3, failed_logins_of_account: 0 } }\n").limits
        == LimitPolicy(failedLogins: 3, failedLoginsOfAccount: nil))
  }

  @Test func `quotas are read, by account and for all others`() throws {
    let quota = try policy(
      "policy: { quota: { default: 5368709120, users: { Alice@example.com: none, bob@example.com: 1024 } } }\n"
    ).quota
    for (account, limit) in [
      ("alice@example.com", QuotaPolicy.Limit.none), ("bob@example.com", .bytes(1_024)),
      ("carol@example.com", .bytes(5_368_709_120)),
    ] { #expect(quota.limit(of: try #require(AccountAddress(account))) == limit) }
    for yaml in ["policy: { quota: {} }\n", "policy: { quota: { default: none, users: } }\n"] {
      #expect(try policy(yaml).quota == QuotaPolicy())
    }
  }

  @Test func `greylisting is read, and off where nothing is said`() throws {
    let yaml =
      "{ enabled: true, delay: 300, retry_window: 7200, remember: 604800, known_after: 0, ipv4_prefix: 32, ipv6_prefix: 48 }"
    #expect(
      try policy("policy: { greylisting: \(yaml) }\n").greylisting
        == GreylistPolicy(
          isEnabled: true, delay: .seconds(300), retryWindow: .seconds(7_200), memory: .seconds(604_800),
          passesUntilKnown: nil, ipv4PrefixLength: 32, ipv6PrefixLength: 48))
    #expect(try policy("policy: { greylisting: { delay: } }\n").greylisting == GreylistPolicy())
    #expect(GreylistPolicy().isEnabled == false)
  }

  @Test func `lists in DNS are read`() throws {
    let policy = try policy(
      """
      policy:
        dnsbl:
          - { zone: Zen.Example., codes: [127.0.0.2-11, 127.0.0.20] }
          - { zone: soft.example, action: defer }
          - { zone: good.example, action: score, weight: -2 }
        dnsbl_timeout: 7
        dnsbl_threshold: 9
      """)
    let codes = try ["127.0.0.2-11", "127.0.0.20"].map { try #require(BlocklistPolicy.Codes($0)) }
    #expect(
      policy.blocklists
        == BlocklistPolicy(
          lists: [
            .init(zone: "zen.example", codes: codes), .init(zone: "soft.example", action: .defer),
            .init(zone: "good.example", action: .score, weight: -2),
          ], timeout: .seconds(7), threshold: 9))
    #expect(try self.policy("policy: { dnsbl: [], dnsbl_timeout: }\n").blocklists == BlocklistPolicy())
  }

  @Test func `senders, networks, limits and greetings are read`() throws {
    let policy = try policy(
      """
      policy:
        senders: { block: ["@example.net", .example.net], allow: [dan@example.net] }
        networks:
          block: [192.0.2.0/24, "2001:db8::/32"]
        limits: { mails_per_minute: 7, unknown_recipients: 0, size_by_domain: { Example.com: 5000 } }
        helo: { require_fqdn: true, require_valid: false }
      """)
    #expect(
      policy.recipients.resolve("alice@example.com", among: Accounts())
        == .accepted([UserID(rawValue: 1)], maxMessageSize: 5_000))
    #expect(policy.hello == .fullyQualified)
    #expect(try self.policy("policy: { helo: { require_valid: true } }\n").hello == .wellFormed)
    #expect(policy.limits == LimitPolicy(mailsPerMinute: 7))
    #expect(policy.senders.blocks("eve@example.net") && policy.senders.blocks("eve@mx.example.net"))
    #expect(!policy.senders.blocks("dan@example.net") && !policy.senders.blocks(""))
  }

  @Test func `the page's example is a policy`() throws {
    let page = try String(contentsOf: Checkout.file("docs/policy.md"), encoding: .utf8)
    let example = try #require(page.firstMatch(of: /(?s)```yaml\n(.*?)```/)).1
    let policy = try policy(String(example))
    #expect(users("info@example.org", policy.recipients) == [1, 2])
    #expect(policy.senders.blocks("eve@mx.spam.example") && !policy.senders.blocks("dan@spam.example"))
    #expect(policy.limits == LimitPolicy(mailsPerMinute: 60, recipientsPerMinute: 600, maxUnknownRecipients: 50))
  }

  @Test(arguments: [
    ("policy: on\n", "line 1: policy: expected keys with values"),
    ("policy:\n  recipient: {}\n", "line 2: policy.recipient: unknown key; did you mean 'policy.recipients'?"),
    (
      "policy:\n  recipients:\n    alias: {}\n",
      "line 3: policy.recipients.alias: unknown key; did you mean 'policy.recipients.aliases'?"
    ),
    (
      "policy: { recipients: { subaddressing: abc } }\n",
      "line 1: policy.recipients.subaddressing: expected signs such as + and -, or \"\" for none, found 'abc'"
    ),
    (
      "policy:\n  recipients:\n    domains:\n      - example.com\n      - a@b\n",
      "line 5: policy.recipients.domains: expected a domain such as example.com, found 'a@b'"
    ),
    (
      "policy: { greylisting: { delay: 3600, retry_window: 60 } }\n",
      "line 1: policy.greylisting: retry_window must be longer than delay, or nobody could come back in time"
    ),
    (
      "policy:\n  greylisting:\n    enabled: yes\n",
      "line 3: policy.greylisting.enabled: expected true or false, found 'yes'"
    ),
    (
      "policy: { dnsbl: [{ zone: zen.example, action: drop }] }\n",
      "line 1: policy.dnsbl.action: expected reject, defer or score, found 'drop'"
    ),
    (
      "policy: { dnsbl: [{ action: reject }] }\n",
      "line 1: policy.dnsbl: a list needs its zone, as in { zone: zen.example }"
    ),
    (
      "policy: { dnsbl: [{ zone: zen.example, codes: 127.255.255.254 }] }\n",
      "line 1: policy.dnsbl.codes: expected an answer such as 127.0.0.2 or 127.0.0.2-11, found '127.255.255.254'"
    ),
    (
      "policy: { quota: { default: 10G } }\n",
      "line 1: policy.quota.default: expected a number of bytes from 1024 to 1125899906842624, or none, found '10G'"
    ),
    (
      "policy:\n  quota:\n    users: { alice@example.com: 5000, ALICE@example.com: none }\n",
      "line 3: policy.quota.users.ALICE@example.com: alice@example.com stands there twice"
    ),
    ("policy: { recipients: { domains: { a: b } } }\n", "line 1: policy.recipients.domains: expected a list"),
    (
      "policy:\n  recipients:\n    aliases:\n      team: [alice@example.com]\n",
      "line 4: policy.recipients.aliases.team: 'team' is no address"
    ),
    (
      "policy:\n  recipients:\n    aliases:\n      a@b.c:\n        - alice\n",
      "line 5: policy.recipients.aliases.a@b.c: expected an address such as alice@example.com, found 'alice'"
    ),
    (
      "policy:\n  recipients:\n    aliases:\n      a@b.c: []\n",
      "line 4: policy.recipients.aliases.a@b.c: an alias leads to one address at least"
    ),
    (
      "policy:\n  recipients:\n    aliases:\n      a@b.c: d@b.c\n      A@b.c: e@b.c\n",
      "line 5: policy.recipients.aliases.A@b.c: the alias a@b.c stands there twice"
    ),
    (
      "policy:\n  recipients:\n    aliases:\n      a@b.c: d@b.c\n      a@b.c: e@b.c\n",
      "line 4: the key 'a@b.c' stands there twice"
    ),
    (
      "policy:\n  recipients:\n    aliases:\n      a@b.c: b@b.c\n      b@b.c: a@b.c\n",
      "line 5: policy.recipients.aliases.b@b.c: aliases that go in a circle: a@b.c → b@b.c → a@b.c"
    ),
    (
      "policy:\n  recipients:\n    domains: b.c\n    aliases:\n      a@b.c: a@d.e\n",
      "line 5: policy.recipients.aliases.a@b.c: a@d.e is in none of policy.recipients.domains; mail is not sent on"
    ),
    (
      "policy:\n  recipients:\n    domains: b.c\n    catch_all:\n      d.e: a@b.c\n",
      "line 5: policy.recipients.catch_all.d.e: d.e and the domain of a@b.c must both be in policy.recipients.domains"
    ),
    (
      "policy: { recipients: { catch_all: { b.c: [a@b.c, d@b.c] } } }\n",
      "line 1: policy.recipients.catch_all.b.c: expected one value"
    ),
    (
      "policy: { senders: { block: [example.net] } }\n",
      "line 1: policy.senders.block: expected eve@example.net, @example.net or .example.net, found 'example.net'"
    ),
    (
      "policy:\n  networks:\n    block:\n      - 192.0.2.0/24\n      - 192.0.2.1/24\n",
      "line 5: policy.networks.block: expected a network such as 192.0.2.0/24 or 2001:db8::/32, with no bits behind "
        + "its prefix, found '192.0.2.1/24'"
    ),
    (
      "policy: { limits: { mails_per_minute: -1 } }\n",
      "line 1: policy.limits.mails_per_minute: expected a whole number to 1000000, or 0 for no limit, found '-1'"
    ),
    (
      "policy: { limits: { size_by_domain: { b.c: 5 } } }\n",
      "line 1: policy.limits.size_by_domain.b.c: expected a number of bytes from 1024 to 1073741824, found '5'"
    ),
    (
      "policy: { helo: { require_fqdn: yes } }\n",
      "line 1: policy.helo.require_fqdn: expected true or false, found 'yes'"
    ),
    (
      "policy: { networks: { blok: [] } }\n",
      "line 1: policy.networks.blok: unknown key; did you mean 'policy.networks.block'?"
    ),
    (
      "policy: { recipients: { aliases: { [a@b.c, d@b.c]: e@b.c } } }\n",
      "line 1: policy.recipients.aliases: expected a name before the colon"
    ),
  ])
  func `a mistake is told with its line and key`(yaml: String, expected: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try self.policy(yaml) }
    let description = error?.description ?? ""
    #expect(description.hasSuffix(".yaml: \(expected)"), "\(description)")
  }

  private func policy(_ yaml: String) throws -> ReceiptPolicy {
    try withTemporaryDirectory { directory in
      let path = directory + "/maildex.yaml"
      try Data(yaml.utf8).write(to: URL(fileURLWithPath: path))
      return try ConfigurationFile(reading: path).policy
    }
  }

  private func users(_ recipient: String, _ policy: RecipientPolicy) -> [UInt32] {
    guard case .accepted(let users, _) = policy.resolve(recipient, among: Accounts()) else { return [] }
    return users.map(\.rawValue)
  }

  /// alice and bob of example.com.
  private struct Accounts: RecipientDirectory {
    var postmasterID: UserID? { UserID(rawValue: 1) }
    var domains: Set<String> { ["example.com"] }
    func hasUsers(in domain: String) -> Bool { domain == "example.com" }
    func userID(at address: AccountAddress) -> UserID? {
      ["alice@example.com": UserID(rawValue: 1), "bob@example.com": UserID(rawValue: 2)][address.text]
    }
  }
}
