import CICU

/// SASLprep (RFC 4013), without which one password would be several: letters that are composed or not, spaces of other widths.
/// ASCII without control characters stays as it is.
enum PasswordPreparation {
  /// Bytes of a password, prepared or not.
  static let maxByteCount = 1_024

  /// - Parameter keeps: it is to be kept, and so may have no characters of which Unicode 3.2 knew nothing: what they are is not
  ///   settled for this (RFC 3454 §7).
  /// - Returns: nil for what is empty, too long, no UTF-8, or holds what no password may: control characters and the like.
  static func prepare(_ password: [UInt8], keeps: Bool) -> [UInt8]? {
    guard (1...maxByteCount).contains(password.count), String(validating: password, as: UTF8.self) != nil else {
      return nil
    }
    if password.allSatisfy({ (32...126).contains($0) }) { return password }
    let prepared = unsafe [UInt8](unsafeUninitializedCapacity: maxByteCount) { output, count in
      let written = unsafe cicu_saslprep(
        password, Int32(password.count), !keeps, output.baseAddress, Int32(output.count))
      count = max(0, Int(written))
    }
    return prepared.isEmpty ? nil : prepared
  }
}
