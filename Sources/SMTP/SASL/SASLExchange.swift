/// One exchange of a mechanism as a value: what the client sends goes in, decoded, and what is to be done comes out. It ends
/// with `request` and its answer, with `finished` or with `malformed`; nothing that a client sends leads anywhere else.
///
///     PLAIN            start ── message ──▶ request(password)
///     LOGIN            start ─▶ name ─▶ password ──▶ request(password)
///     SCRAM-SHA-256    start ── first message ──▶ request(secret) ─ answer ▶ proof ─▶ empty answer ─▶ finished
///
/// An initial response (RFC 4954 §4) is what would have been the first answer.
package struct SASLExchange: Sendable {
  package enum Step: Equatable, Sendable {
    case challenge([UInt8])
    case request(SASLRequest)
    case accepted(SASLIdentity)
    case refused
    /// Not what the mechanism expects.
    case malformed
  }

  private enum State: Sendable {
    case start
    case loginPassword(name: String)
    case scramSecret(SCRAMExchange)
    case scramProof(SCRAMExchange, SASLIdentity?)
    case scramEnd(SASLIdentity)
    case ended
  }

  package let mechanism: SASLMechanism
  /// Whom the client says it is, as soon as it has.
  package private(set) var claim: SASLClaim?
  private var state = State.start

  package init(_ mechanism: SASLMechanism) { self.mechanism = mechanism }

  /// - Parameter initialResponse: `nil` if the client sent none, which is not the same as an empty one.
  package mutating func begin(_ initialResponse: [UInt8]?) -> Step {
    if let initialResponse { return respond(initialResponse) }
    return .challenge(mechanism == .login ? Self.loginName : [])
  }

  package mutating func respond(_ response: [UInt8]) -> Step {
    defer { if case .start = state { state = .ended } }
    switch state {
    case .start: return start(response)
    case .loginPassword(let name): return loginPassword(response, of: name)
    case .scramProof(let exchange, let identity): return scramProof(response, exchange, identity)
    case .scramEnd(let identity):
      state = .ended
      return response.isEmpty ? .accepted(identity) : .malformed
    case .scramSecret, .ended: return .malformed
    }
  }

  /// The answer to a request for a secret.
  package mutating func found(_ secret: SCRAMSecret, nonce: String, identity: SASLIdentity?) -> Step {
    guard case .scramSecret(var exchange) = state else { return .malformed }
    let message = exchange.answer(with: secret, nonce: nonce)
    state = .scramProof(exchange, identity)
    return .challenge(message)
  }

  // MARK: - The mechanisms

  private static let loginName = Array("Username:".utf8)
  private static let loginPassword = Array("Password:".utf8)

  private mutating func start(_ response: [UInt8]) -> Step {
    switch mechanism {
    case .plain:
      guard let message = PlainMessage.parse(response) else { return .malformed }
      return request(message.claim, .password(message.password))
    case .login:
      guard let name = PlainMessage.name(response), !name.isEmpty else { return .malformed }
      claim = SASLClaim(name: name)
      state = .loginPassword(name: name)
      return .challenge(Self.loginPassword)
    case .scramSHA256:
      guard let exchange = SCRAMExchange(clientFirst: response) else { return .malformed }
      let step = request(exchange.claim, .secret)
      state = .scramSecret(exchange)
      return step
    }
  }

  private mutating func loginPassword(_ password: [UInt8], of name: String) -> Step {
    state = .ended
    guard !password.isEmpty, password.count <= PlainMessage.maxPartByteCount, !password.contains(0),
      String(validating: password, as: UTF8.self) != nil
    else { return .malformed }
    return request(SASLClaim(name: name), .password(password))
  }

  /// Who does not exist has proven nothing, whatever was sent.
  private mutating func scramProof(_ response: [UInt8], _ exchange: SCRAMExchange, _ identity: SASLIdentity?) -> Step {
    state = .ended
    switch exchange.finish(clientFinal: response) {
    case .malformed: return .malformed
    case .wrong: return .refused
    case .proven(let message):
      guard let identity else { return .refused }
      state = .scramEnd(identity)
      return .challenge(message)
    }
  }

  private mutating func request(_ claim: SASLClaim, _ proof: SASLRequest.Proof) -> Step {
    self.claim = claim
    state = .ended
    return .request(SASLRequest(mechanism: mechanism, claim: claim, proof: proof))
  }
}
