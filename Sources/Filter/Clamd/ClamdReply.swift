/// What clamd says to `zINSTREAM`, one line that NUL ends (clamd(8)):
///
///     stream: OK
///     stream: Eicar-Test-Signature FOUND
///     stream: Eicar-Test-Signature(44d88612fea8a8f36de82e1278abb02f:68) FOUND
///     INSTREAM size limit exceeded. ERROR
///
/// Whatever the bytes, the reply is one of these or `FilterError.protocolError`.
enum ClamdReply: Hashable, Sendable {
  case clean
  /// - Parameter signature: its name, without what `ExtendedDetectionInfo` adds.
  case found(signature: String)
  case tooLarge
  /// To `zPING`.
  case pong

  /// Longer lines are none of clamd's.
  static let maxByteCount = 4_096

  /// - Parameter line: without its end.
  init(_ line: [UInt8]) throws(FilterError) {
    guard line.count <= Self.maxByteCount else {
      throw FilterError(.protocolError, "a reply of more than \(Self.maxByteCount) bytes")
    }
    let text = SafeText.line(String(decoding: line, as: UTF8.self), limit: SafeText.reasonByteCount)
    if text == "PONG" {
      self = .pong
    } else if text == "stream: OK" {
      self = .clean
    } else if text.hasPrefix("stream: "), text.hasSuffix(" FOUND"), let name = Self.signature(text) {
      self = .found(signature: name)
    } else if text.hasPrefix("INSTREAM size limit exceeded") {
      self = .tooLarge
    } else {
      throw FilterError(.protocolError, text.isEmpty ? "an empty reply" : "clamd says: \(text)")
    }
  }

  private static func signature(_ text: String) -> String? {
    var name = text.dropFirst("stream: ".count).dropLast(" FOUND".count)
    if name.hasSuffix(")"), let open = name.lastIndex(of: "(") { name = name[..<open] }
    return name.isEmpty ? nil : SafeText.line(String(name), limit: SafeText.symbolByteCount)
  }
}
