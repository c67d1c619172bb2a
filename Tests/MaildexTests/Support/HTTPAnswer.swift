import Foundation

/// What the HTTP API answered.
struct HTTPAnswer: Sendable, CustomStringConvertible {
  let status: Int
  let contentType: String
  let body: [UInt8]

  /// One request on a connection of its own.
  /// - Parameter headers: lines such as `X-Maildex-User: alice@example.com`.
  init(_ method: String, _ target: String, at address: String, headers: [String], body: [UInt8] = []) throws {
    let connection = try Connection(to: address)
    var head = ["\(method) \(target) HTTP/1.1", "Host: \(address)", "Connection: close"] + headers
    if !body.isEmpty { head += ["Content-Type: application/json", "Content-Length: \(body.count)"] }
    try connection.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
    try self.init(Data(try connection.receiveAll()))
  }

  private init(_ bytes: Data) throws {
    guard let end = bytes.range(of: Data("\r\n\r\n".utf8)) else {
      throw Connection.Failure(description: "no HTTP answer: \(String(decoding: bytes, as: UTF8.self))")
    }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
    status = Int(lines[0].split(separator: " ").dropFirst().first ?? "") ?? 0
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
    }
    contentType = fields["content-type"] ?? ""
    body = Array(bytes[end.upperBound...])
    // RFC 9110 §8.6: a 204 has none.
    guard status == 204 ? body.isEmpty : fields["content-length"] == String(body.count) else {
      throw Connection.Failure(description: "a body of \(body.count) bytes under \(lines)")
    }
  }

  /// The body as a JSON object; empty when it is none.
  var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:] }

  var description: String { "\(status) \(contentType) \(String(decoding: body.prefix(2_000), as: UTF8.self))" }
}
