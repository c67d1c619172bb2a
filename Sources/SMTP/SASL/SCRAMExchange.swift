import Bytes
import Crypto

/// The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding.
///
///     C: n,,n=user,r=rOprNGfwEbeRWgbNEkqO
///     S: r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096
///     C: c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=
///     S: v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=
///
/// All of it is cut and compared as bytes: a comma is one whatever follows it.
struct SCRAMExchange {
  private typealias Field = ArraySlice<UInt8>

  let claim: SASLClaim
  /// `n,,` or the like, which the last message repeats.
  private let header: [UInt8]
  private let clientFirst: [UInt8]
  private let clientNonce: [UInt8]
  private var sent: (secret: SCRAMSecret, nonce: [UInt8], message: [UInt8])?

  private static let maxNonceByteCount = 256

  /// Reads the client's first message.
  /// - Returns: nil for one that breaks the grammar (§7), asks for channel binding or for an extension that must be understood.
  init?(clientFirst message: [UInt8]) {
    let fields = Self.fields(message)
    // `y`: the client would bind the channel if we could. We say nowhere that we could, and so nobody took it away.
    guard fields.count >= 4, Array(fields[0]) == Array("n".utf8) || Array(fields[0]) == Array("y".utf8),
      let authorization = Self.authorizationName(fields[1]),
      let name = Self.value("n", fields[2]).flatMap(Self.name), !name.isEmpty,
      let nonce = Self.value("r", fields[3]), Self.isNonce(nonce),
      fields.dropFirst(4).allSatisfy(Self.isExtension)
    else { return nil }
    claim = SASLClaim(name: name, authorizationName: authorization.isEmpty ? nil : authorization)
    header = Array(message[..<fields[2].startIndex])
    clientFirst = Array(message[fields[2].startIndex...])
    clientNonce = Array(nonce)
  }

  /// The server's first message.
  mutating func answer(with secret: SCRAMSecret, nonce: String) -> [UInt8] {
    let whole = clientNonce + Array(nonce.utf8)
    let rest = ",s=\(StrictBase64.encode(secret.salt)),i=\(secret.iterationCount)"
    let message = Array("r=".utf8) + whole + Array(rest.utf8)
    sent = (secret, whole, message)
    return message
  }

  enum Outcome: Equatable {
    /// With the server's last message, by which the client knows that the server knows it.
    case proven([UInt8])
    case wrong
    case malformed
  }

  /// Reads the client's last message.
  func finish(clientFinal message: [UInt8]) -> Outcome {
    let fields = Self.fields(message)
    guard let sent, fields.count >= 3, let last = fields.last, let binding = Self.value("c", fields[0]),
      let nonce = Self.value("r", fields[1]), fields[2..<(fields.count - 1)].allSatisfy(Self.isExtension),
      let proof = Self.value("p", last).flatMap({ StrictBase64.decode($0) }), proof.count == SHA256.byteCount
    else { return .malformed }
    guard StrictBase64.decode(binding) == header, Array(nonce) == sent.nonce else { return .wrong }
    let comma = [UInt8(ascii: ",")]
    // Up to the comma before the proof.
    let everything = clientFirst + comma + sent.message + comma + message[..<(last.startIndex - 1)]
    let clientSignature = Self.hmac(sent.secret.storedKey, everything)
    let clientKey = zip(proof, clientSignature).map { $0 ^ $1 }
    guard Array(SHA256.hash(data: clientKey)).equalsInConstantTime(sent.secret.storedKey) else { return .wrong }
    let serverSignature = Self.hmac(sent.secret.serverKey, everything)
    return .proven(Array("v=\(StrictBase64.encode(serverSignature))".utf8))
  }

  // MARK: - Grammar

  private static func fields(_ message: [UInt8]) -> [Field] {
    message.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
  }

  /// What follows `letter=`.
  private static func value(_ letter: Unicode.Scalar, _ field: Field) -> Field? {
    field.starts(with: [UInt8(ascii: letter), UInt8(ascii: "=")]) ? field.dropFirst(2) : nil
  }

  /// Nothing, or `a=` and a name.
  private static func authorizationName(_ field: Field) -> String? {
    if field.isEmpty { return "" }
    guard let name = value("a", field).flatMap(name), !name.isEmpty else { return nil }
    return name
  }

  /// `saslname`, in which a comma is `=2C` and an equals sign `=3D`.
  private static func name(_ field: Field) -> String? {
    var bytes: [UInt8] = []
    var rest = field
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "=") else {
        bytes.append(byte)
        continue
      }
      switch String(decoding: rest.prefix(2), as: UTF8.self) {
      case "2C": bytes.append(UInt8(ascii: ","))
      case "3D": bytes.append(byte)
      default: return nil
      }
      rest = rest.dropFirst(2)
    }
    return PlainMessage.name(bytes)
  }

  private static func isNonce(_ text: Field) -> Bool {
    (1...maxNonceByteCount).contains(text.count) && text.allSatisfy { (33...126).contains($0) }
  }

  /// A letter and a value that are to be ignored; `m` would have to be understood.
  private static func isExtension(_ field: Field) -> Bool {
    guard let letter = field.first, letter.isLetterOrDigit, !letter.isDigit, letter != UInt8(ascii: "m") else {
      return false
    }
    let value = field.dropFirst(2)
    return field.dropFirst().first == UInt8(ascii: "=") && !value.isEmpty && !value.contains(0)
      && String(validating: value, as: UTF8.self) != nil
  }

  // MARK: - Keys

  private static func hmac(_ key: [UInt8], _ bytes: [UInt8]) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key)))
  }
}
