import Bytes
import Ingest
import MailStore
import Mailboxes

/// Does what a command asks, in the process that holds the data directory.
struct CommandRunner: Sendable {
  let engine: Engine
  /// A server's queue is being worked on; an offline command must not wait for mail that nobody processes.
  let isServing: Bool
  /// Nil where there is no server.
  var reload: PolicyReload?

  /// - Throws: errors whose descriptions say what happened and what to do.
  func run(_ request: CommandRequest, _ output: @escaping CommandOutput) async throws {
    do {
      try await perform(request, output)
    } catch let error as StoreError where error.code == .noSpace {
      throw CommandFailure("the disk is full: \(error); free some space and run the command again")
    } catch let error as FileError where error.code == .noSpace {
      throw CommandFailure("the disk is full: \(error); free some space and run the command again")
    }
  }

  private func perform(_ request: CommandRequest, _ output: @escaping CommandOutput) async throws {
    switch request {
    case .addUser(let address, let name, let zone): try await addUser(address, name, timeZone: zone, output)
    case .setUser(let address, let zone): try await setUser(address, timeZone: zone, output)
    case .setPassword(let address, let verifier): try await setPassword(address, verifier, output)
    case .listUsers: try await listUsers(output)
    case .removeUser(let address): try await removeUser(address, output)
    case .createToken(let user, let label): try await createToken(user, label, output)
    case .listTokens(let user): try await listTokens(user, output)
    case .revokeToken(let user, let token): try await revokeToken(user, token, output)
    case .importMail(let user, let folder, let paths):
      try await importMail(user: user, folder: folder, paths: paths, output)
    case .search(let user, let query, let sort, let limit, let facets, let isJSON, let explains):
      try await search(
        user: user, query: query, sort: sort, limit: limit, facets: facets, isJSON: isJSON, explains: explains, output)
    case .why(let user, let query, let message): try await why(user: user, query: query, message: message, output)
    case .reindex(let user, let jobs, let isFromSource):
      try await reindex(user: user, jobs: jobs, isFromSource: isFromSource, output)
    case .stats(let user): try await stats(user: user, output)
    case .verify(let repairs): try await verify(repairs: repairs, output)
    case .listQueue, .showQueued, .retryQueued, .releaseQueued, .dropQueued, .flushQueue:
      try await performOnQueues(request, output)
    case .createAdminToken(let label): try await createAdminToken(label, output)
    case .listAdminTokens: try await listAdminTokens(output)
    case .revokeAdminToken(let token): try await revokeAdminToken(token, output)
    case .reloadConfiguration: try await reloadConfiguration(output)
    }
  }
}
