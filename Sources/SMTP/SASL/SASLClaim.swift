package import Bytes

/// Who a client says it is.
package struct SASLClaim: Hashable, Sendable {
  /// The authentication identity, as it was said.
  package let name: String
  /// The authorization identity: whom the client would act for, where it says so (RFC 4422 §3.4.1). Here that can be nobody else.
  package let authorizationName: String?

  package init(name: String, authorizationName: String? = nil) {
    self.name = name
    self.authorizationName = authorizationName
  }
}

/// Who a client was found to be.
package struct SASLIdentity: Hashable, Sendable {
  package let user: UserID
  /// The account's address.
  package let name: String

  package init(user: UserID, name: String) {
    self.user = user
    self.name = name
  }
}

/// What a session asks about a client that wants to be known.
package struct SASLRequest: Hashable, Sendable {
  package enum Proof: Hashable, Sendable {
    /// To be held against what is kept.
    case password([UInt8])
    /// What is kept is wanted, to hold against it what comes (`SASLAnswer.secret`).
    case secret
  }

  package let mechanism: SASLMechanism
  package let claim: SASLClaim
  package let proof: Proof
}

/// What becomes of a request.
package enum SASLAnswer: Equatable, Sendable {
  case accepted(SASLIdentity)
  /// There is no such account, it has no password, or another one.
  case refused
  /// For SCRAM, with bytes that nobody could guess, in printable ASCII without commas. `identity` is `nil` for who does not exist,
  /// and the secret then one that looks like others.
  case secret(SCRAMSecret, nonce: String, identity: SASLIdentity?)
  /// 454 4.7.0
  case unavailable
  /// The account had too many failures of late: 454 4.7.0, as if there were trouble.
  case tooManyFailuresOfAccount
  /// So had the client's network: 421 4.7.0.
  case tooManyFailuresOfNetwork
}

/// How one AUTH command ended.
package struct SASLReport: Hashable, Sendable {
  package enum Result: String, CaseIterable, Sendable {
    case success
    case failure
    /// By the client.
    case cancelled
    /// Not base64, or not what the mechanism expects.
    case malformed
    /// Not looked at, after too many failures.
    case throttled
    case unavailable
  }

  package let mechanism: SASLMechanism
  package let result: Result
  /// As the client said it, as far as it did; nothing to be believed.
  package let name: String?
}
