/// Keys of subjects in ASCII, as nearly all are, without a look at characters. What comes out is what the general way gives.
enum ASCIISubject {
  /// - Returns: `nil` where the general way is to be gone: the subject is not ASCII, or so long that it would be cut first.
  static func sortKey(_ subject: String) -> [UInt8]? {
    var subject = subject
    guard subject.utf8.count <= 512 else { return nil }
    subject.makeContiguousUTF8()
    let bytes = subject.utf8.span
    for index in bytes.indices where bytes[index] >= 0x80 { return nil }
    var start = wordStart(bytes, from: 0)
    while let colon = markEnd(bytes, from: start) { start = wordStart(bytes, from: colon + 1) }
    var key: [UInt8] = []
    key.reserveCapacity(ExtractedTextRecord.sortKeyLimit)
    for index in start..<min(bytes.count, start + ExtractedTextRecord.sortKeyLimit) {
      key.append(bytes[index] | (bytes[index] &- 65 < 26 ? 32 : 0))
    }
    return key
  }

  /// Behind white space.
  private static func wordStart(_ bytes: Span<UInt8>, from start: Int) -> Int {
    var index = start
    while index < bytes.count, bytes[index] == 32 || (9...13).contains(bytes[index]) { index += 1 }
    return index
  }

  /// Where the colon of the reply mark stands that begins at `start`; `nil` where there is none.
  private static func markEnd(_ bytes: Span<UInt8>, from start: Int) -> Int? {
    // All marks in ASCII are of two to four letters.
    for end in start..<min(bytes.count, start + 5) where bytes[end] == UInt8(ascii: ":") {
      var mark = ""
      for index in start..<end { mark.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
      return ExtractedTextRecord.replyMarks.contains(mark.lowercased()) ? end : nil
    }
    return nil
  }
}
