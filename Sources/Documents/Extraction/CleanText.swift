/// Text as mails hold it: valid Unicode, lines by LF, without controls.
enum CleanText {
  /// - Parameter limit: UTF-8 bytes; cut between characters.
  static func make(_ bytes: [UInt8], limit: Int) -> String {
    var kept: [UInt8] = []
    kept.reserveCapacity(min(bytes.count, limit))
    for byte in bytes {
      if byte >= 0x20 && byte != 0x7F || byte == 0x0A {
        kept.append(byte)
      } else if byte == 0x09 || byte == 0x0C {
        kept.append(byte == 0x09 ? 0x20 : 0x0A)
      }
    }
    if kept.count > limit {
      var end = limit
      while end > 0, kept[end] & 0xC0 == 0x80 { end -= 1 }
      kept.removeLast(kept.count - end)
    }
    // What is no UTF-8 becomes longer: cut once more.
    let text = String(decoding: kept, as: UTF8.self)
    return text.utf8.count <= limit ? text : String(text.unicodeScalars.prefix(limit / 4))
  }
}
