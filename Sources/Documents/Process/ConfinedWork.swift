private import CConfined
import Glibc

extension ConfinedProcess {
  /// With which a process of ours ends that cannot be confined.
  package static let unconfinedStatus: Int32 = 82
  private static let noInputStatus: Int32 = 81

  /// The other side of `run`: confines this process, makes of its standard input what goes to its standard output, and ends it
  /// with 0.
  package static func runConfined(_ work: ([UInt8]) -> [UInt8]) -> Never {
    // What cannot be confined reads nothing.
    guard confined_enter() == 0 else { _exit(unconfinedStatus) }
    guard let input = standardInput() else { _exit(noInputStatus) }
    write(work(input))
    // Without the work that is done at the end of a process that has more to do.
    _exit(0)
  }

  /// A file in memory, whole.
  static func standardInput() -> [UInt8]? {
    var status = stat()
    guard unsafe fstat(0, &status) == 0, status.st_size > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let read = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(0, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
      }
      guard read > 0 else { return nil }
      count += read
    }
    return bytes
  }

  static func write(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(1, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
