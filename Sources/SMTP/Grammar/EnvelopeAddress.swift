/// An address as the envelope carries it: a local part, and a domain or address literal (RFC 5321 §4.1.2).
///
/// The local part is kept without quoting, because `"alice"@example.com` and `alice@example.com` are one address;
/// `description` quotes it again where it must be.
package struct EnvelopeAddress: Hashable, Sendable, CustomStringConvertible {
  package let localPart: String
  /// `nil` only for the bare `<postmaster>`.
  package let domain: String?

  package init(localPart: String, domain: String?) {
    self.localPart = localPart
    self.domain = domain
  }

  package var isASCII: Bool { localPart.utf8.allSatisfy { $0 < 0x80 } && (domain ?? "").utf8.allSatisfy { $0 < 0x80 } }

  /// As it stands between angle brackets.
  package var description: String {
    let local = isDotString ? localPart : quotedLocalPart
    return domain.map { "\(local)@\($0)" } ?? local
  }

  private var isDotString: Bool {
    var atomIsEmpty = true
    for byte in localPart.utf8 {
      if byte == UInt8(ascii: ".") {
        if atomIsEmpty { return false }
        atomIsEmpty = true
      } else {
        guard byte.isAtomText else { return false }
        atomIsEmpty = false
      }
    }
    return !atomIsEmpty
  }

  private var quotedLocalPart: String {
    var quoted = "\""
    for scalar in localPart.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }
}

extension UInt8 {
  /// `atext` of RFC 5322 §3.2.3, and any byte of a non-ASCII character (RFC 6531 §3.3).
  var isAtomText: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...: true
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2F, 0x3D, 0x3F, 0x5E...0x60, 0x7B...0x7E: true
    default: false
    }
  }

  var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }

  var isLetterOrDigit: Bool {
    let lower = self | 0x20
    return isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower)
  }
}
