import Foundation
import Query

/// Any text gives a tree that survives JSON and its own text, or an error whose position lies in the text.
@_cdecl("LLVMFuzzerTestOneInput")
public func parseAnyQuery(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  do {
    let root = try parseQuery(text).root
    let again = try? JSONDecoder().decode(QueryNode.self, from: JSONEncoder().encode(root))
    precondition(again == root)
    let typed = root.text
    precondition((try? parseQuery(typed).root) == root, typed)
  } catch {
    precondition((0...text.unicodeScalars.count).contains(error.position) && !error.expected.isEmpty)
  }
  return 0
}
