import Bytes
import Logging
import MailStore
import NIOCore
import SMTP

/// Who is the client? Passwords cost a tenth of a second of a thread that may block; answers to wrong ones come late.
extension SMTPConnectionHandler {
  func authenticate(_ request: SASLRequest) -> SMTPSession.Event? {
    guard let authenticator = shared.authenticator else { return .authenticationAnswered(.unavailable) }
    goBy(shared.policy.value)
    // An account is guessed at from trusted networks too.
    let limits = LoginGuard.Limits(byNetwork: limits.failedLogins, byAccount: policy.limits.failedLoginsOfAccount)
    switch shared.logins.begin(Self.account(request.claim.name), from: client.network, limits, now: now) {
    case .tooManyOfNetwork: return .authenticationAnswered(.tooManyFailuresOfNetwork)
    case .tooManyOfAccount: return .authenticationAnswered(.tooManyFailuresOfAccount)
    case .allowed(let attempt): loginAttempt = attempt
    }
    switch request.proof {
    case .secret:
      let (secret, identity) = authenticator.secret(for: request.claim)
      return .authenticationAnswered(.secret(secret, nonce: Self.nonce(), identity: identity))
    case .password(let password):
      run {
        await Self.verify(request.claim, password, authenticator)
      } then: { handler, answer in
        handler.resume(with: .authenticationAnswered(answer))
      }
      return nil
    }
  }

  private static func verify(
    _ claim: SASLClaim, _ password: [UInt8], _ authenticator: any Authenticator
  ) async -> SASLAnswer {
    do {
      return try await authenticator.verify(claim, password: password).map { .accepted($0) } ?? .refused
    } catch {
      return .unavailable
    }
  }

  func note(_ report: SASLReport) {
    shared.authentications.note(report)
    if let loginAttempt {
      if report.result == .success { shared.logins.succeeded(loginAttempt, now: now) }
      // Our own trouble is no guess of the client's.
      if report.result == .unavailable { shared.logins.takeBack(loginAttempt) }
    }
    var metadata: Logger.Metadata = [
      "client": "\(client.text)", "mechanism": "\(report.mechanism.rawValue)", "result": "\(report.result.rawValue)",
    ]
    if shared.configuration.logsAddresses, let name = report.name { metadata["user"] = "\(name)" }
    shared.logger.log(level: Self.level(report.result), "authentication", metadata: metadata)
  }

  private static func level(_ result: SASLReport.Result) -> Logger.Level {
    switch result {
    case .success, .failure, .throttled: .info
    case .cancelled, .malformed: .debug
    case .unavailable: .warning
    }
  }

  /// A job, so that who leaves does not come back sooner with the connection's place.
  func delayRefusal() {
    let delay = loginAttempt.map { shared.logins.failed($0, now: now) } ?? .zero
    run {
      try? await Task.sleep(for: delay)
    } then: { handler, _ in
      handler.resume(with: .refusalDue)
    }
  }

  /// As accounts are compared; what is no address is nobody's, and one name all the same.
  private static func account(_ name: String) -> String { AccountAddress(name)?.text ?? name }

  /// Nobody can guess it, and no two are the same.
  private static func nonce() -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    return String(decoding: (0..<32).map { _ in alphabet[Int.random(in: 0..<64)] }, as: UTF8.self)
  }
}
