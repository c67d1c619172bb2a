/// Reads documents for their text, in the process that is made for it. Total: any bytes give text or none.
enum DocumentReader {
  static func read(_ bytes: [UInt8], into text: inout DocumentBuffer) -> ReadingProcess.Status {
    let status =
      switch DocumentKind(bytes) {
      case .zip: PackagedDocument.read(bytes, into: &text)
      case .archive: ArchiveNames.read(bytes, into: &text)
      case .richText: RichText.read(bytes, into: &text)
      case .pdf, nil: ReadingProcess.Status.unreadable
      }
    return text.isFull ? .cut : status
  }
}
