package import HTTPAPI
package import HTTPTypes

/// What the server answered.
package struct Answer: Sendable {
  package let status: Int
  package let headers: HTTPFields
  package let bytes: [UInt8]

  package init(status: Int, headers: HTTPFields, bytes: [UInt8]) {
    self.status = status
    self.headers = headers
    self.bytes = bytes
  }

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The body as JSON; null when it is none.
  package var json: JSONValue { (try? JSONParser.parse(bytes)) ?? .null }

  package subscript(_ name: String) -> JSONValue { json[name] ?? .null }

  package var elements: [JSONValue] {
    guard case .array(let values) = json else { return [] }
    return values
  }

  /// The target of the `Link` to the next page.
  package var next: String? {
    guard let link = headers[HTTPField.Name("Link")!], link.hasSuffix(">; rel=\"next\"") else { return nil }
    return String(link.dropFirst().prefix { $0 != ">" })
  }

  package var sequence: Int? { headers[HTTPField.Name("Maildex-Sequence")!].flatMap { Int($0) } }
}
