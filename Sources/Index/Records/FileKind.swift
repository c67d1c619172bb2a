/// What kind of file a part of a mail is: what `has:` and the facet `type` tell apart. The number is a bit of the mask in text
/// records and segments, so cases are added at the end only.
package enum FileKind: UInt8, Sendable, CaseIterable {
  case pdf, image, audio, video, document, spreadsheet, presentation, archive, calendar, contact, mail, text

  /// As it stands in queries and answers.
  package var name: String { String(describing: self) }

  package init?(name: String) {
    let name = name.lowercased()
    guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = kind
  }

  /// By the media type where that says something, else by the file name's ending: much mail names its attachments
  /// `application/octet-stream`.
  /// - Parameter contentType: `type/subtype` without parameters, in any case; `nil` where it is not known.
  package init?(contentType: String?, filename: String?) {
    let type = contentType?.lowercased() ?? ""
    if let kind = Self.byContentType[type] ?? Self.kind(ofTopLevel: type) {
      self = kind
    } else if let kind = Self.kind(ofName: filename) {
      self = kind
    } else if type.hasPrefix("text/") {
      self = .text
    } else {
      return nil
    }
  }

  private static func kind(ofTopLevel type: String) -> FileKind? {
    if type.hasPrefix("image/") { return .image }
    if type.hasPrefix("audio/") { return .audio }
    if type.hasPrefix("video/") { return .video }
    return nil
  }

  private static func kind(ofName name: String?) -> FileKind? {
    guard let name, let dot = name.lastIndex(of: ".") else { return nil }
    return byEnding[name[name.index(after: dot)...].prefix(8).lowercased()]
  }

  private static let byContentType: [String: FileKind] = [
    "application/pdf": .pdf, "application/x-pdf": .pdf,
    "application/msword": .document, "application/rtf": .document, "text/rtf": .document,
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": .document,
    "application/vnd.oasis.opendocument.text": .document, "application/x-hwp": .document,
    "application/vnd.ms-excel": .spreadsheet, "text/csv": .spreadsheet,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": .spreadsheet,
    "application/vnd.oasis.opendocument.spreadsheet": .spreadsheet,
    "application/vnd.ms-powerpoint": .presentation,
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": .presentation,
    "application/vnd.oasis.opendocument.presentation": .presentation,
    "application/zip": .archive, "application/x-zip-compressed": .archive, "application/gzip": .archive,
    "application/x-gzip": .archive, "application/x-tar": .archive, "application/x-7z-compressed": .archive,
    "application/vnd.rar": .archive, "application/x-rar-compressed": .archive, "application/zstd": .archive,
    "text/calendar": .calendar, "application/ics": .calendar,
    "text/vcard": .contact, "text/x-vcard": .contact, "text/directory": .contact,
    "message/rfc822": .mail, "message/global": .mail,
  ]

  private static let byEnding: [String: FileKind] = [
    "pdf": .pdf,
    "jpg": .image, "jpeg": .image, "png": .image, "gif": .image, "bmp": .image, "tif": .image, "tiff": .image,
    "webp": .image, "heic": .image, "svg": .image,
    "mp3": .audio, "wav": .audio, "m4a": .audio, "ogg": .audio, "flac": .audio,
    "mp4": .video, "mov": .video, "avi": .video, "mkv": .video, "webm": .video, "mpg": .video, "wmv": .video,
    "doc": .document, "docx": .document, "odt": .document, "rtf": .document, "pages": .document, "hwp": .document,
    "hwpx": .document,
    "xls": .spreadsheet, "xlsx": .spreadsheet, "ods": .spreadsheet, "csv": .spreadsheet, "numbers": .spreadsheet,
    "ppt": .presentation, "pptx": .presentation, "odp": .presentation, "key": .presentation,
    "zip": .archive, "gz": .archive, "tgz": .archive, "tar": .archive, "7z": .archive, "rar": .archive, "bz2": .archive,
    "xz": .archive, "zst": .archive,
    "ics": .calendar, "vcf": .contact, "eml": .mail, "msg": .mail,
    "txt": .text, "log": .text, "md": .text,
  ]
}

/// A set of kinds, as bits.
package struct FileKinds: OptionSet, Hashable, Sendable {
  package let rawValue: UInt16
  package init(rawValue: UInt16) { self.rawValue = rawValue }
  package init(_ kind: FileKind) { rawValue = 1 << UInt16(kind.rawValue) }

  /// - Parameter files: media types and names, as `FileKind` takes them.
  package init(_ files: some Sequence<(contentType: String?, filename: String?)>) {
    var kinds: FileKinds = []
    for file in files {
      if let kind = FileKind(contentType: file.contentType, filename: file.filename) { kinds.insert(FileKinds(kind)) }
    }
    self = kinds
  }

  /// What names alone tell.
  package init(ofNames names: [String]) { self.init(names.lazy.map { (nil, $0) }) }
}
