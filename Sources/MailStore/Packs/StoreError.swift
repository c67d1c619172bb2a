import Bytes

/// What went wrong in a store, in the kinds that a caller acts on differently.
package struct StoreError: Error, Sendable, CustomStringConvertible {
  package enum Code: Sendable, Hashable {
    /// The disk is full, or the process has as many files open as it may. Temporary: nothing of the call is stored, and
    /// the same call may succeed later.
    case noSpace
    /// A database is locked, or the disk or memory did not answer just now. Temporary.
    case busy
    /// The queue holds as many mails as it may. Temporary.
    case queueFull
    /// More bytes than one call may bring; nothing of it is stored.
    case tooLarge
    /// A sync has failed, so nobody knows what is on the disk: no more writes until the store is opened again.
    case stopped
    /// The store was closed.
    case closed
    /// Stored bytes are damaged; `StoreError.problem` says which.
    case corrupt
    /// A reference names bytes that are not there.
    case missingBlob
    /// Anything else; not expected to go away.
    case failed
  }

  package let code: Code
  package let message: String
  /// Where the damage is, for `.corrupt`.
  package let problem: PackProblem?

  package init(code: Code, message: String, problem: PackProblem? = nil) {
    self.code = code
    self.message = message
    self.problem = problem
  }

  package init(_ problem: PackProblem) {
    self.init(code: .corrupt, message: problem.description, problem: problem)
  }

  /// Any error of the layers below, as this store's callers see it.
  package init(_ error: any Error) {
    switch error {
    case let error as StoreError: self = error
    case let problem as PackProblem: self.init(problem)
    case let error as FileError: self.init(code: error.isTemporary ? .noSpace : .failed, message: "\(error)")
    default: self.init(code: .failed, message: "\(error)")
    }
  }

  package var description: String { message }
}

/// Damage found in a stored file.
package struct PackProblem: Error, Sendable, Hashable, CustomStringConvertible {
  package let file: String
  package let offset: UInt64
  package let expected: String
  package let found: String

  package init(file: String, offset: UInt64, expected: String, found: String) {
    self.file = file
    self.offset = offset
    self.expected = expected
    self.found = found
  }

  package var description: String { "\(file) is damaged at offset \(offset): expected \(expected), found \(found)" }
}
