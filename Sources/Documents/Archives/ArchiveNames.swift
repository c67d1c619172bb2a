import MailFormat

/// The names of the files in an archive, a line each.
enum ArchiveNames {
  static func read(_ bytes: [UInt8], into text: inout DocumentBuffer) -> ReadingProcess.Status {
    var names: [[UInt8]] = []
    var byteCount = 0
    let limit = text.limit
    let ending = Archive.walk(bytes, DocumentKind(bytes) ?? .archive) { entry in
      names.append(entry.name)
      byteCount += entry.name.count + 1
      return byteCount <= limit
    }
    append(names, to: &text)
    switch ending {
    case .whole: return .whole
    case .stopped: return .cut
    case .damaged: return names.isEmpty ? .unreadable : .cut
    }
  }

  /// Names are in whatever charset the writer's machine had: all of an archive are in the same, so they are told by all of
  /// them.
  static func append(_ names: [[UInt8]], to text: inout DocumentBuffer) {
    let bytes = Array(names.joined(separator: [0x0A]))
    let lines = UnlabelledText.decode(bytes, label: isHangul(bytes) ? "windows-949" : nil)
    for line in lines.split(separator: "\n") {
      text.append(String(line))
      text.line()
    }
  }

  /// Windows writes names in the code page of its language, and a few of them are too little for ICU's detector. Where all
  /// that is not ASCII are pairs that KS X 1001 has Hangul at, they are Korean: few Chinese names have such bytes alone, and
  /// no Japanese.
  private static func isHangul(_ bytes: [UInt8]) -> Bool {
    var lead: UInt8?
    var hasPairs = false
    for byte in bytes {
      if let first = lead {
        guard (0xB0...0xC8).contains(first), byte >= 0xA1 else { return false }
        lead = nil
        hasPairs = true
      } else if byte >= 0x80 {
        lead = byte
      }
    }
    return hasPairs && lead == nil
  }
}
