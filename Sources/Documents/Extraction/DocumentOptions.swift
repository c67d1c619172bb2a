/// How documents are read, and how much of them.
package struct DocumentOptions: Sendable {
  /// Readers at once.
  package var workers = 2
  /// Of one document.
  package var timeout = Duration.seconds(10)
  /// What a reader may allocate.
  package var memoryByteCount = 512 << 20
  /// UTF-8 bytes kept of one document's text.
  package var textByteCount = 1 << 20
  /// Compressed bytes of texts that are kept for documents that come again.
  package var cacheByteCount = 256 << 20
  package var programs = DocumentPrograms()

  package init() {}
}

/// The programs that read documents from their standard input and write text.
package struct DocumentPrograms: Sendable {
  /// Reads what is not PDF. Confines itself further; `ReadingProcess` says how it is called and answers.
  package var reader = ["/proc/self/exe", ReadingProcess.command]
  /// Poppler's pdftotext: no page breaks, no messages.
  package var pdf = ["/usr/bin/pdftotext", "-q", "-nopgbrk", "-enc", "UTF-8", "-", "-"]
  /// What `pdf` may read: itself, libraries, and the character maps of Asian fonts.
  package var pdfPaths = ["/usr", "/lib", "/lib64", "/etc/ld.so.cache"]

  package init() {}
}
