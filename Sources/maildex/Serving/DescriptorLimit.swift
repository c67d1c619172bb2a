import Glibc

/// How many files and connections the process may have open.
enum DescriptorLimit {
  /// Beside connections: logs, journals, databases and the index's runs.
  private static let reserve = 512

  /// Raises the soft limit to the hard one, as servers do: the usual 1,024 is for programs that use `select`.
  /// - Returns: what is allowed now.
  static func raise() -> Int {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    if limit.rlim_cur < limit.rlim_max {
      var raised = limit
      raised.rlim_cur = limit.rlim_max
      if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    }
    return Int(clamping: limit.rlim_cur)
  }

  /// - Returns: what to tell the operator when so many connections do not fit, else `nil`.
  static func warning(allowed: Int, connections: Int) -> String? {
    guard allowed < connections + reserve else { return nil }
    return "the process may open \(allowed) files, which \(connections) connections may use up; raise the limit "
      + "(LimitNOFILE of systemd, ulimit -n) or lower smtp.max_connections"
  }
}
