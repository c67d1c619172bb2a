import CGMime

/// Uuencoded content, as mail carried files before MIME: `begin 644 name`, lines that start with their length, `end`.
/// Decoded by GMime, which is asked for the lines only.
enum UUText {
  /// The encoded lines: what follows the first line that starts with `begin `. `nil` when there is none.
  static func lines(of content: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var rest = content
    while !rest.isEmpty {
      let line = rest.prefix { !$0.isLineEnd }
      rest = rest[line.endIndex...].dropFirst()
      if line.starts(with: Array("begin ".utf8)) { return rest }
    }
    return nil
  }

  /// Content without a `begin` line is nothing uuencoded, and stays as it is.
  static func decode(_ content: ArraySlice<UInt8>, limit: Int) -> [UInt8] {
    guard let lines = lines(of: content) else { return Array(content.prefix(limit)) }
    var decoded: [UInt8] = []
    forEachChunk(of: lines) { chunk in
      decoded += chunk
      return decoded.count < limit
    }
    if decoded.count > limit { decoded.removeLast(decoded.count - limit) }
    return decoded
  }

  static func decodedByteCount(_ content: ArraySlice<UInt8>, limit: Int) -> Int {
    guard let lines = lines(of: content) else { return min(content.count, limit) }
    var count = 0
    forEachChunk(of: lines) { chunk in
      count += chunk.count
      return count < limit
    }
    return min(count, limit)
  }

  /// Decodes piece by piece, so that a short limit costs little of a long content, until `body` wants no more.
  private static func forEachChunk(of lines: ArraySlice<UInt8>, _ body: ([UInt8]) -> Bool) {
    var state = GMimeEncoding()
    unsafe g_mime_encoding_init_decode(&state, GMIME_CONTENT_ENCODING_UUENCODE)
    var rest = lines
    while !rest.isEmpty {
      let chunk = rest.prefix(64 << 10)
      rest = rest.dropFirst(chunk.count)
      guard body(step(&state, chunk)) else { return }
    }
  }

  private static func step(_ state: inout GMimeEncoding, _ chunk: ArraySlice<UInt8>) -> [UInt8] {
    let capacity = unsafe g_mime_encoding_outlen(&state, chunk.count) + 16
    return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      unsafe chunk.withUnsafeBytes { input in
        let from = unsafe input.baseAddress?.assumingMemoryBound(to: CChar.self)
        let to = unsafe UnsafeMutableRawPointer(output.baseAddress)?.assumingMemoryBound(to: CChar.self)
        count = unsafe g_mime_encoding_step(&state, from, input.count, to)
      }
    }
  }
}
