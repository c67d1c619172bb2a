/// Reads ZIP archives: documents that are written as such for their text, all others for the names in them.
enum PackagedDocument {
  /// Unpacked bytes of one part, and of all that are read. Parts are XML, of which a page of text takes some ten kilobytes.
  static let maxPartByteCount = 32 << 20
  static let maxByteCount = 64 << 20

  static func read(_ bytes: [UInt8], into text: inout DocumentBuffer) -> ReadingProcess.Status {
    var names: [[UInt8]] = []
    var mediaType: String?
    let ending = Archive.walk(bytes, .zip) { entry in
      names.append(entry.name)
      if entry.name.elementsEqual("mimetype".utf8), mediaType == nil {
        mediaType = String(decoding: entry.content(limit: 256).bytes, as: UTF8.self)
      }
      return true
    }
    let known = Set(names.lazy.map { String(decoding: $0, as: UTF8.self) })
    if let format = PackageFormat(names: known, mediaType: mediaType) {
      return read(format, in: bytes, into: &text)
    }
    ArchiveNames.append(names, to: &text)
    switch ending {
    case .whole: return .whole
    case .stopped: return .cut
    case .damaged: return names.isEmpty ? .unreadable : .cut
    }
  }

  private static func read(
    _ format: PackageFormat, in bytes: [UInt8], into text: inout DocumentBuffer
  ) -> ReadingProcess.Status {
    var parts: [(place: PackageFormat.Place, name: String, content: [UInt8])] = []
    var room = maxByteCount
    var isCut = false
    let ending = Archive.walk(bytes, .zip) { entry in
      let name = String(decoding: entry.name, as: UTF8.self)
      guard let place = format.place(of: name) else { return true }
      let (content, isWhole) = entry.content(limit: min(room, maxPartByteCount))
      if !isWhole { isCut = true }
      room -= content.count
      if !content.isEmpty { parts.append((place, name, content)) }
      return true
    }
    if parts.isEmpty { return .unreadable }
    // Sorting is stable: what has the same place stays in the order of the archive.
    parts.sort { $0.place < $1.place }
    let isWhole = read(parts.map { ($0.name, $0.content) }, format, into: &text)
    return isWhole && !isCut && ending == .whole ? .whole : .cut
  }

  /// - Returns: false where a part is not well-formed.
  private static func read(
    _ parts: [(name: String, content: [UInt8])], _ format: PackageFormat, into text: inout DocumentBuffer
  ) -> Bool {
    var isWhole = true
    var spreadsheet = SpreadsheetText()
    for part in parts where !text.isFull {
      let isWellFormed =
        format == .spreadsheet && !part.name.hasPrefix("xl/drawings/")
        ? spreadsheet.read(part.name, part.content, into: &text)
        : format.rules.read(part.content, into: &text)
      if !isWellFormed { isWhole = false }
    }
    return isWhole
  }
}
