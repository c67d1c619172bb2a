/// What went wrong with a file, in the few kinds a caller acts on differently.
package struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Code: Sendable, Equatable {
    /// ENOENT.
    case notFound
    /// EEXIST.
    case exists
    /// ENOSPC or EDQUOT: temporary, the same call may succeed when space returns.
    case noSpace
    /// EMFILE or ENFILE: temporary, the same call may succeed when other files are closed.
    case noDescriptors
    /// The file is shorter than the reader was promised.
    case truncated
    /// EIO and everything else: not expected to go away.
    case failed
  }

  package let code: Code
  package let path: String
  package let message: String

  package init(code: Code, path: String, message: String) {
    self.code = code
    self.path = path
    self.message = message
  }

  /// Nothing is wrong with the disk, and the same call may succeed later.
  package var isTemporary: Bool { code == .noSpace || code == .noDescriptors }

  package var description: String { "\(path): \(message)" }
}
