private import CStemmer

/// A stemmer of libstemmer. It has a buffer of its own, so that only one thread may use it at a time.
@safe final class Stemmer {
  private let handle: OpaquePointer

  /// Whether the libstemmer that runs has the language.
  static func exists(_ language: StemmingLanguage) -> Bool {
    guard let handle = unsafe sb_stemmer_new(language.rawValue, "UTF_8") else { return false }
    unsafe sb_stemmer_delete(handle)
    return true
  }

  /// - Parameter language: one that exists.
  init(_ language: StemmingLanguage) {
    guard let handle = unsafe sb_stemmer_new(language.rawValue, "UTF_8") else {
      preconditionFailure("libstemmer has no stemmer for \(language.rawValue)")
    }
    unsafe self.handle = handle
  }

  deinit { unsafe sb_stemmer_delete(handle) }

  /// - Parameter word: case-folded UTF-8, of at most 255 bytes.
  func stem(_ word: [UInt8]) -> [UInt8] {
    var stem: [UInt8] = []
    unsafe withStem(of: word.span) { bytes in unsafe stem.append(contentsOf: bytes) }
    return stem
  }

  /// Whether the stem of a term is this one.
  func stems(_ term: Span<UInt8>, to stem: [UInt8]) -> Bool {
    var isEqual = false
    unsafe withStem(of: term) { bytes in unsafe isEqual = bytes.elementsEqual(stem) }
    return isEqual
  }

  private func withStem(of word: Span<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    unsafe word.withUnsafeBufferPointer { bytes in
      guard let stem = unsafe sb_stemmer_stem(handle, bytes.baseAddress, Int32(bytes.count)) else {
        preconditionFailure("out of memory")
      }
      unsafe body(UnsafeBufferPointer(start: stem, count: Int(sb_stemmer_length(handle))))
    }
  }
}
