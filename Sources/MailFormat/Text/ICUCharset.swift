import CICU

/// The door to ICU's converters and its charset detector.
enum ICUCharset {
  struct Decoded {
    var text: String
    /// The input bytes that were read: all but what a limit left.
    var byteCount: Int
    /// There is more text than the limit allowed.
    var isCut: Bool
    /// Places in those bytes that are no text in that charset; each became U+FFFD.
    var errorCount: Int
  }

  static func isKnown(_ name: String) -> Bool { unsafe cicu_charset_is_known(name) }

  /// `nil` when ICU has no such converter.
  static func decode(_ bytes: ArraySlice<UInt8>, as name: String, limit: Int) -> Decoded? {
    var text = unsafe cicu_charset_text()
    let isDecoded = unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe cicu_charset_decode(name, buffer.baseAddress, buffer.count, limit, &text)
    }
    guard isDecoded else { return nil }
    defer { unsafe cicu_charset_free(&text) }
    let utf8 = unsafe UnsafeBufferPointer(start: text.utf8, count: text.count)
    return unsafe Decoded(
      text: String(decoding: utf8, as: UTF8.self), byteCount: text.source_count, isCut: text.is_cut,
      errorCount: text.error_count)
  }

  private static let sampleByteCount = 64 << 10

  /// The charsets the bytes may be in, most likely first, by their ICU names. Looks at 64 KiB of them.
  static func detect(_ bytes: ArraySlice<UInt8>) -> [String] {
    let sample = bytes.count > sampleByteCount ? telling(bytes)[...] : bytes
    let names = unsafe [UInt8](unsafeUninitializedCapacity: 1024) { output, count in
      unsafe sample.withUnsafeBufferPointer { input in
        unsafe output.withMemoryRebound(to: CChar.self) { names in
          count = unsafe cicu_charset_detect(input.baseAddress, input.count, names.baseAddress, names.count)
        }
      }
    }
    return String(decoding: names, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  /// Of a long content the lines that hold bytes over 0x7F: in any charset that is asked about here, the others are ASCII.
  private static func telling(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var sample: [UInt8] = []
    var lineStart = bytes.startIndex
    while lineStart < bytes.endIndex, sample.count < sampleByteCount {
      let lineEnd = bytes[lineStart...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.endIndex
      if let first = bytes[lineStart..<lineEnd].firstIndex(where: { $0 >= 0x80 }) {
        // What stands far before the first of them says little, and there are lines of megabytes.
        sample += bytes[max(lineStart, first - 1_024)..<lineEnd].prefix(sampleByteCount - sample.count)
      }
      lineStart = lineEnd
    }
    return sample
  }
}
