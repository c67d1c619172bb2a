import HTTPAPI
import HTTPTypes

/// What the server answered.
struct Answer {
  let status: Int
  let headers: HTTPFields
  let bytes: [UInt8]

  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The body as JSON; null when it is none.
  var json: JSONValue { (try? JSONParser.parse(bytes)) ?? .null }

  subscript(_ name: String) -> JSONValue { json[name] ?? .null }

  var elements: [JSONValue] {
    guard case .array(let values) = json else { return [] }
    return values
  }

  /// The target of the `Link` to the next page.
  var next: String? {
    guard let link = headers[HTTPField.Name("Link")!], link.hasSuffix(">; rel=\"next\"") else { return nil }
    return String(link.dropFirst().prefix { $0 != ">" })
  }

  var sequence: Int? { headers[HTTPField.Name("Maildex-Sequence")!].flatMap { Int($0) } }
}
