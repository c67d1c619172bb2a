import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Sends a command to the server that holds the data directory, and passes on what it says.
///
/// One `POST /command` over the Unix socket; the answer is one JSON object a line, the last of them `done` or `failed`.
struct CommandClient {
  let socket: String

  func run(_ request: CommandRequest, _ output: CommandOutput) async throws {
    let client = HTTPClient(eventLoopGroupProvider: .singleton)
    do {
      try await run(request, output, over: client)
      try await client.shutdown()
    } catch {
      try? await client.shutdown()
      throw error
    }
  }

  private func run(_ request: CommandRequest, _ output: CommandOutput, over client: HTTPClient) async throws {
    guard let url = URL(httpURLWithSocketPath: socket, uri: "/command") else {
      throw CommandFailure("\(socket): not usable as a socket")
    }
    var message = HTTPClientRequest(url: url.absoluteString)
    message.method = .POST
    message.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(request)))
    let response: HTTPClientResponse
    do {
      // A long command is silent for as long as it works; only the end of the connection ends the wait.
      response = try await client.execute(message, deadline: .distantFuture)
    } catch {
      throw CommandFailure("the server that holds the data directory does not answer on \(socket): \(error)")
    }
    guard response.status == .ok else {
      throw CommandFailure(
        "the server does not know this command (\(response.status)); run the same version as it does")
    }
    var lines = JSONLines()
    var chunks = response.body.makeAsyncIterator()
    while let chunk = try? await chunks.next() {
      for line in lines.append(chunk) {
        let event = try JSONDecoder().decode(CommandEvent.self, from: line)
        try await output(event)
        if case .done = event { return }
      }
    }
    // Killed or stopped, the server ends the connection in the middle; no answer ends without its last event.
    throw CommandFailure("the server ended before the command did; run it again to resume")
  }
}

/// Cuts a stream of chunks into lines.
private struct JSONLines {
  private var rest = Data()

  mutating func append(_ chunk: ByteBuffer) -> [Data] {
    rest.append(contentsOf: chunk.readableBytesView)
    var lines: [Data] = []
    while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
      lines.append(Data(rest[rest.startIndex..<newline]))
      rest = Data(rest[rest.index(after: newline)...])
    }
    return lines
  }
}
