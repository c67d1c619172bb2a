import Hummingbird

/// The parameters after the question mark, decoded strictly.
///
/// `+` and `%20` are blanks, as HTML forms send them. A parameter that the route does not know is an error that names
/// it, so that a misspelt one never changes an answer silently; only names beginning with `_` are passed over, because
/// clients add such to get past caches.
struct QueryParameters {
  private var values: [String: String] = [:]

  init(_ request: Request, known: [String]) throws {
    for pair in (request.uri.query ?? "").split(separator: "&", omittingEmptySubsequences: true) {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = Self.decode(parts[0]) else { throw Problem.badRequest("A parameter's name is not UTF-8.") }
      if name.hasPrefix("_") { continue }
      guard known.contains(name) else {
        let list = known.isEmpty ? "none are known here" : "known here: \(known.joined(separator: ", "))"
        throw Problem.invalid(String(name.prefix(100)), "unknown parameter (\(list))")
      }
      guard let value = Self.decode(parts.count == 2 ? parts[1] : "") else {
        throw Problem.invalid(name, "is not UTF-8 in percent encoding")
      }
      guard values.updateValue(value, forKey: name) == nil else { throw Problem.invalid(name, "is given twice") }
    }
  }

  func text(_ name: String) throws -> String? {
    guard let value = values[name] else { return nil }
    guard !value.utf8.contains(0) else { throw Problem.invalid(name, "holds a NUL") }
    return value
  }

  func boolean(_ name: String) throws -> Bool? {
    switch values[name] {
    case nil: nil
    case "true", "1": true
    case "false", "0": false
    default: throw Problem.invalid(name, "must be true or false")
    }
  }

  func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let value = values[name] else { return nil }
    guard let number = Int(value), range.contains(number) else {
      throw Problem.invalid(name, "must be a whole number \(range.bounds)")
    }
    return number
  }

  /// How many a list answers at once.
  func limit(default usual: Int = 50) throws -> Int { try integer("limit", in: 1...500) ?? usual }

  /// - Returns: nil for what is not UTF-8 in percent encoding.
  static func decode(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "+"): bytes.append(0x20)
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
          return nil
        }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
  }
}

extension ClosedRange<Int> {
  /// For messages about a number that lies outside.
  var bounds: String { upperBound == .max ? "of at least \(lowerBound)" : "from \(lowerBound) to \(upperBound)" }
}
