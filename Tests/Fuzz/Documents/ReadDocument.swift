@testable import Documents

/// The readers take a document apart, whatever it begins as.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  for beginning in ["", "{\\rtf", "PK\u{3}\u{4}"] {
    var text = DocumentBuffer(limit: 1 << 16)
    _ = DocumentReader.read(Array(beginning.utf8) + input, into: &text)
    precondition(text.finish().count <= 1 << 16)
  }
  var text = DocumentBuffer(limit: 1 << 16)
  _ = XMLTextRules.page.read(input, into: &text)
  return 0
}
