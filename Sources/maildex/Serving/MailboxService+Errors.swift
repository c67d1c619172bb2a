import Bytes
import HTTPAPI
import Index
import Logging
import Mailboxes
import MailStore
import Query

extension MailboxService {
  /// Runs a call and turns the errors of the rooms below into the few kinds that the API answers with.
  func translated<Value>(
    isolation: isolated (any Actor)? = #isolation, _ call: () async throws -> Value
  ) async throws -> Value {
    do {
      return try await call()
    } catch {
      // Their messages name files: they go to the log alone.
      if error is StoreError { logger.error("store failed", metadata: ["error": "\(error)"]) }
      if error is IndexError { logger.error("index failed", metadata: ["error": "\(error)"]) }
      throw Self.translation(of: error)
    }
  }

  static func translation(of error: any Error) -> any Error {
    switch error {
    case let error as MailboxError: MailServiceError(code(error.code), error.message)
    case let error as QueryError:
      InvalidQuery(
        message: error.message, position: error.position, expected: error.expected, suggestion: error.suggestion)
    case let error as SearchError:
      MailServiceError(error.code == .deadlineExceeded ? .deadlinePassed : .invalid, error.message)
    case let error as StoreError: translation(of: error.code)
    case let error as IndexError: translation(of: error.code)
    case is BlockingThreads.Overloaded: MailServiceError(.busy, "too many requests wait; try again")
    default: error
    }
  }

  private static func code(_ code: MailboxError.Code) -> MailServiceError.Code {
    switch code {
    case .notFound: .notFound
    case .invalid: .invalid
    case .conflict: .conflict
    case .busy: .busy
    case .stopped: .stopped
    }
  }

  private static func translation(of code: StoreError.Code) -> MailServiceError {
    switch code {
    case .noSpace, .queueFull: MailServiceError(.busy, "the store is full; try again later")
    case .busy: MailServiceError(.busy, "the store does not answer just now; try again later")
    case .tooLarge: MailServiceError(.invalid, "more at once than can be stored; do it in parts")
    case .closed: MailServiceError(.busy, "the server is stopping; try again later")
    case .stopped:
      MailServiceError(.stopped, "a failed write to disk stopped a part of the store; restart the service")
    case .missingBlob, .corrupt:
      MailServiceError(.damaged, "the stored mail is damaged; the operator's log says where")
    default: MailServiceError(.damaged, "the store cannot answer; the operator's log says why")
    }
  }

  private static func translation(of code: IndexError.Code) -> MailServiceError {
    switch code {
    case .noSpace: MailServiceError(.busy, "the disk is full; try again later")
    case .busy: MailServiceError(.busy, "the index is being rebuilt; try again later")
    case .stopped:
      MailServiceError(.stopped, "a failed write to disk stopped a part of the index; restart the service")
    case .corrupt, .missingRecord:
      MailServiceError(.damaged, "the index is damaged; 'maildex verify' says where, and with --repair mends it")
    case .shadowInvalid, .outdated, .failed:
      MailServiceError(.damaged, "the index cannot answer; the operator's log says why")
    }
  }
}
