import HTTPTypes
import Hummingbird
import NIOCore

extension Request {
  /// The value of a `Link` header field (RFC 8288) to the same list at another cursor. Relative, since the server does
  /// not know by which name a proxy is reached.
  func linkToNext(cursor: String) -> String {
    // Whatever spells the old cursor's name, `%63ursor=` too, would be the parameter's second value.
    let kept = (uri.query ?? "").split(separator: "&").filter { pair in
      QueryParameters.decode(pair.prefix { $0 != "=" }) != "cursor"
    }
    // Whatever came in goes out inside angle brackets: nothing of it may end them.
    let safe = kept.map { pair in
      String(
        decoding: pair.utf8.flatMap { byte -> [UInt8] in
          (0x21...0x7E).contains(byte) && !"<>\"\\^`{|}".utf8.contains(byte)
            ? [byte]
            : Array("%".utf8) + Array(String(byte >> 4, radix: 16, uppercase: true).utf8)
              + Array(String(byte & 15, radix: 16, uppercase: true).utf8)
        }, as: UTF8.self)
    }
    return "<\(uri.path)?\((safe + ["cursor=\(cursor)"]).joined(separator: "&"))>; rel=\"next\""
  }

  /// The JSON object in the body.
  /// - Throws: a `Problem` 413 over `maxSize` bytes, 400 for anything but one object.
  func jsonObject(maxSize: Int) async throws -> JSONObjectReader {
    let body: ByteBuffer
    do {
      body = try await self.body.collect(upTo: maxSize)
    } catch is NIOTooManyBytesError {
      throw Problem(.contentTooLarge, "The body is longer than \(maxSize) bytes.")
    }
    do {
      return try JSONObjectReader(JSONParser.parse(Array(body.readableBytesView)), name: "")
    } catch let error as JSONError {
      throw Problem.badRequest("The body is not JSON: at byte \(error.offset), \(error.message).")
    }
  }
}

extension Response {
  /// A JSON answer that may be as long as a mail.
  init(_ value: JSONValue, holding claim: AnswerBudget.Claim) {
    let bytes = HeldBytes([value.serialized()], claim: claim)
    self.init(
      status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: bytes.body(0..<bytes.count))
  }

  /// The value as a JSON answer, see below.
  init(_ value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
    self.init(json: ByteBuffer(bytes: value.serialized()), status: status, headers: headers)
  }

  /// A JSON answer. Answers are about one user's mail now: nobody may keep them.
  init(json: ByteBuffer, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
    var headers = headers
    headers[.contentType] = "application/json"
    headers[.cacheControl] = "no-store"
    self.init(status: status, headers: headers, body: .init(byteBuffer: json))
  }
}
