import CCAres
import Glibc
import SMTP

/// A channel of c-ares behind a safe face. Used by one thread alone.
///
/// Each question is handed to c-ares with one reference of its own, which c-ares gives back by calling once: when it is answered,
/// given up, or when the channel is destroyed (ares_query(3), ares_destroy(3)).
@safe
final class DNSChannel {
  /// For the first answer of a server, and again, doubled, for the second try.
  private static let timeoutMilliseconds: CInt = 1_500
  private static let tries: CInt = 2

  private let channel: ares_channel

  /// - Returns: `nil` where c-ares cannot begin: no memory, or servers that are none.
  init?(servers: [String]) {
    // Reference counted by c-ares: every channel may ask for it.
    guard ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS else { return nil }
    var options = unsafe ares_options()
    // Names are whole ones: no search list, no file of aliases.
    unsafe options.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES
    unsafe options.timeout = Self.timeoutMilliseconds
    unsafe options.tries = Self.tries
    var made: ares_channel?
    let status = unsafe ares_init_options(&made, &options, ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES)
    guard status == 0, let made = unsafe made else {
      ares_library_cleanup()
      return nil
    }
    unsafe channel = made
    if !servers.isEmpty, unsafe ares_set_servers_ports_csv(made, servers.joined(separator: ",")) != 0 {
      close()
      return nil
    }
  }

  /// Answers everything that is under way. Nothing may follow.
  func close() {
    unsafe ares_destroy(channel)
    ares_library_cleanup()
  }

  /// - Note: may answer before it returns.
  func ask(_ question: DNSResolver.Question) {
    let reference = unsafe Unmanaged.passRetained(Asked(question))
    unsafe ares_query(
      channel, question.name, Self.internet, question.type.rawValue, Self.answered, reference.toOpaque())
  }

  private static let internet: CInt = 1

  private final class Asked {
    let question: DNSResolver.Question
    init(_ question: DNSResolver.Question) { self.question = question }
  }

  private static let answered: ares_callback = { argument, status, _, bytes, count in
    guard let argument = unsafe argument else { return }
    let question = unsafe Unmanaged<Asked>.fromOpaque(argument).takeRetainedValue().question
    var message: [UInt8] = []
    if let bytes = unsafe bytes, count > 0 {
      message = unsafe Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
    }
    question.completion(DNSChannel.outcome(status, message))
  }

  private static func outcome(_ status: CInt, _ message: [UInt8]) -> DNSResolver.Outcome {
    // Found, no record of the type, no such name.
    guard [0, 1, 4].contains(status), let message = DNSMessage(message) else { return .unavailable }
    return .answer(message)
  }

  // MARK: - Waiting

  /// Returns when something was done, or `wakening` is readable.
  func wait(or wakening: CInt) {
    var sockets = [ares_socket_t](repeating: -1, count: Self.maxSockets)
    let wanted = unsafe ares_getsock(channel, &sockets, CInt(Self.maxSockets))
    var polled = [pollfd(fd: wakening, events: Int16(POLLIN), revents: 0)]
    for number in 0..<Self.maxSockets {
      let isRead = wanted & (1 << CInt(number)) != 0
      let isWritten = wanted & (1 << CInt(number + Self.maxSockets)) != 0
      guard isRead || isWritten else { continue }
      polled.append(
        pollfd(fd: sockets[number], events: Int16((isRead ? POLLIN : 0) | (isWritten ? POLLOUT : 0)), revents: 0))
    }
    _ = unsafe poll(&polled, nfds_t(polled.count), milliseconds)
    for socket in polled.dropFirst() where socket.revents != 0 {
      // Trouble is found out by reading or writing.
      let isReadable = socket.events & Int16(POLLIN) != 0 && socket.revents & ~Int16(POLLOUT) != 0
      let isWritable = socket.events & Int16(POLLOUT) != 0 && socket.revents & ~Int16(POLLIN) != 0
      unsafe ares_process_fd(channel, isReadable ? socket.fd : -1, isWritable ? socket.fd : -1)
    }
    unsafe ares_process_fd(channel, -1, -1)
  }

  /// What `ares_getsock` can tell of: one of UDP and one of TCP for each server.
  private static let maxSockets = 16

  /// Until c-ares has something to do by itself; without end where it has nothing.
  private var milliseconds: CInt {
    var time = timeval()
    guard unsafe ares_timeout(channel, nil, &time) != nil else { return -1 }
    return CInt(clamping: time.tv_sec * 1_000 + Int(time.tv_usec) / 1_000 + 1)
  }
}
