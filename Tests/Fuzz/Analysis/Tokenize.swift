import Analysis

private let analyzers: [Analyzer] = {
  guard let set = try? AnalyzerSet.builtIn() else { preconditionFailure("the built-in definitions must load") }
  return [set.text, set.address, set.filename]
}()

/// Any bytes give tokens with ascending positions, offsets inside the input, and terms of well-formed UTF-8 of at most 255
/// bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func tokenize(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  for analyzer in analyzers {
    var position = 0
    for token in analyzer.tokens(input) {
      precondition(token.position >= position)
      position = token.position
      precondition(!token.offset.isEmpty && token.offset.upperBound <= input.count)
      precondition((1...255).contains(token.term.count) && String(validating: token.term, as: UTF8.self) != nil)
    }
  }
  return 0
}
