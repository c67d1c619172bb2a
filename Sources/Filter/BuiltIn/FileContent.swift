import Documents

/// What a file is, told by its first bytes, whatever its name says.
enum FileContent {
  /// So many first bytes tell all that can be told: a disk image has its mark behind 32 KiB.
  static let beginningByteCount = 36 << 10

  /// What would run it: `PE`, `script`; nil for what nothing runs.
  static func executable(_ bytes: some RandomAccessCollection<UInt8>) -> String? {
    let bytes = Array(bytes.prefix(beginningByteCount))[...]
    if isDOS(bytes) { return windowsKind(bytes) }
    for (beginning, kind) in beginnings where bytes.starts(with: beginning) { return kind }
    if isScript(bytes) { return "script" }
    if bytes.count > 32_774, bytes[32_769..<32_774].elementsEqual("CD001".utf8) { return "disk image" }
    return nil
  }

  /// ELF; Mach-O in both orders and widths; Java classes and universal Mach-O, which begin alike; Windows shortcuts
  /// (MS-SHLLINK §2.1); compiled help; virtual disks.
  private static let beginnings: [([UInt8], String)] = [
    ([0x7F, 0x45, 0x4C, 0x46], "ELF"),
    ([0xFE, 0xED, 0xFA, 0xCE], "Mach-O"), ([0xFE, 0xED, 0xFA, 0xCF], "Mach-O"),
    ([0xCE, 0xFA, 0xED, 0xFE], "Mach-O"), ([0xCF, 0xFA, 0xED, 0xFE], "Mach-O"),
    ([0xCA, 0xFE, 0xBA, 0xBE], "Java or Mach-O"),
    ([0x4C, 0x00, 0x00, 0x00, 0x01, 0x14, 0x02, 0x00], "Windows shortcut"),
    (Array("ITSF".utf8) + [3, 0, 0, 0], "compiled help"), (Array("vhdxfile".utf8), "disk image"),
    (Array("conectix".utf8), "disk image"),
  ]

  /// `MZ`, and not the beginning of a text: a header has zeros.
  private static func isDOS(_ bytes: ArraySlice<UInt8>) -> Bool {
    (bytes.starts(with: [0x4D, 0x5A]) || bytes.starts(with: [0x5A, 0x4D])) && bytes.count >= 28
      && bytes.prefix(64).contains(0)
  }

  /// By the header that the one of DOS leads to: its offset is in the four bytes at 0x3C.
  private static func windowsKind(_ bytes: ArraySlice<UInt8>) -> String {
    guard bytes.count >= 0x40 else { return "DOS" }
    let offset = (0..<4).reduce(0) { $0 | Int(bytes[bytes.startIndex + 0x3C + $1]) << (8 * $1) }
    guard offset <= bytes.count - 4 else { return "DOS" }
    return bytes[(bytes.startIndex + offset)...].starts(with: [0x50, 0x45, 0, 0]) ? "PE" : "DOS"
  }

  /// `#!/bin/sh`, also behind a byte order mark.
  private static func isScript(_ bytes: ArraySlice<UInt8>) -> Bool {
    let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes
    guard text.starts(with: [0x23, 0x21]) else { return false }
    return text.dropFirst(2).first { $0 != 0x20 && $0 != 0x09 } == 0x2F
  }

  /// What archives are looked into by.
  static func isArchive(_ bytes: some RandomAccessCollection<UInt8>) -> Bool {
    let beginning = Array(bytes.prefix(DocumentKind.beginningByteCount))
    if beginning.starts(with: "MSCF".utf8) { return true }
    switch DocumentKind(beginning) {
    case .zip, .archive: return true
    case .pdf, .richText, nil: return false
    }
  }
}
