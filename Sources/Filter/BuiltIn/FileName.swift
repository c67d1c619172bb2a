/// A file's name as the system will read it that opens the file, whatever it shows to its user.
struct FileName: Sendable {
  /// What Windows, macOS and desktops run, or hand to something that does, at a double click.
  private static let executable: Set<String> = [
    "exe", "scr", "com", "pif", "bat", "cmd", "js", "jse", "vbs", "vbe", "wsf", "wsh", "wsc", "sct", "hta", "lnk",
    "msi",
    "msp", "mst", "cpl", "jar", "ps1", "ps1xml", "psm1", "psc1", "reg", "scf", "inf", "iso", "img", "vhd", "vhdx",
    "chm",
    "dll", "sys", "drv", "ocx", "gadget", "application", "appx", "msix", "xll", "settingcontent-ms", "library-ms",
    "search-ms", "ade", "adp", "shb", "diagcab", "command", "workflow", "desktop",
  ]
  /// What a user takes for something to read.
  private static let harmless: Set<String> = [
    "pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp", "rtf", "txt", "csv", "htm", "html", "jpg",
    "jpeg", "png", "gif", "bmp", "tif", "tiff", "mp3", "mp4", "avi", "mov", "zip", "eml", "ics", "hwp", "hwpx",
  ]
  private static let archives: Set<String> = [
    "zip", "jar", "rar", "7z", "tar", "gz", "tgz", "bz2", "tbz", "tbz2", "xz", "txz", "zst", "cab",
  ]
  /// Zip archives that are opened by the program that they are for.
  private static let packages: Set<String> = [
    "docx", "dotx", "xlsx", "xltx", "pptx", "ppsx", "potx", "docm", "xlsm", "pptm", "odt", "ods", "odp", "odg", "ott",
    "epub", "hwpx", "pages", "numbers", "key", "vsdx", "3mf", "kmz",
  ]
  /// Marks that change in which direction a name is shown: `exe.fdp` for `pdf.exe`.
  private static let directions: Set<UInt32> = [
    0x061C, 0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069,
  ]

  /// Without folders and marks.
  let text: String
  /// In lower case; empty where there are none. The last comes last.
  private let extensions: [String]
  /// It is written so as to be read as another: its direction is overridden, or blanks push its end out of sight.
  let isDeceptive: Bool

  init(_ name: String) {
    let last = name.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? ""
    var scalars = String.UnicodeScalarView()
    var hasOverride = false
    for scalar in last.unicodeScalars where scalar.value != 0 {
      if Self.directions.contains(scalar.value) {
        hasOverride = hasOverride || scalar.value == 0x202E || scalar.value == 0x202D
      } else {
        scalars.append(scalar)
      }
    }
    // Windows drops dots and blanks at the end.
    while let end = scalars.last, end == "." || end.properties.isWhitespace { scalars.removeLast() }
    text = String(scalars)
    extensions = text.split(separator: ".", omittingEmptySubsequences: false).dropFirst()
      .map { $0.lowercased().filter { !$0.isWhitespace } }
    isDeceptive = hasOverride || text.contains("          ")
  }

  private var lastExtension: String { extensions.last ?? "" }

  /// `.com` is the end of many an address too.
  var isExecutable: Bool {
    Self.executable.contains(lastExtension) && (lastExtension != "com" || !text.contains("@") && !text.contains("www."))
  }

  /// `invoice.pdf.exe`.
  var isDouble: Bool {
    isExecutable && extensions.count > 1 && Self.harmless.contains(extensions[extensions.count - 2])
  }

  var isArchive: Bool { Self.archives.contains(lastExtension) }

  /// What is in it is opened by no user.
  var isPackage: Bool { Self.packages.contains(lastExtension) }

  /// What a compressed file of this name holds.
  var withoutLastExtension: String {
    text.lastIndex(of: ".").map { String(text[..<$0]) } ?? text
  }
}
