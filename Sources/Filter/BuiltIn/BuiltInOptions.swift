/// What the built-in filter looks for, and what becomes of a mail in which it finds it.
package struct BuiltInOptions: Hashable, Sendable {
  /// The test file of antivirus products.
  package var eicar = FilterAction.quarantine
  /// Programs, scripts and what starts them, also in archives; and archives made to harm whoever unpacks them.
  package var executables = FilterAction.quarantine
  /// Archives that cannot be looked into: encrypted, damaged, or beyond the limits.
  package var encryptedArchives = FilterAction.deliver
  /// Headers that look forged, from `forgeryThreshold` on.
  package var forgeries = FilterAction.deliver
  /// The sum of forgeries' scores from which on they count as one.
  package var forgeryThreshold = 5.0
  /// Domains, in lower case, that nobody but users who logged in writes from; empty for none.
  package var ownDomains: Set<String> = []
  package var archives = ArchiveLimits()
  /// Mails at once.
  package var threads = 2

  package init() {}
}

/// How far archives are looked into.
package struct ArchiveLimits: Hashable, Sendable {
  /// Archives in archives, the outermost included.
  package var nesting = 4
  /// Entries of an archive and all inside it.
  package var entries = 10_000
  /// Bytes that are unpacked of an archive and all inside it.
  package var byteCount = 256 << 20
  /// What more than so many times as large when unpacked is a bomb, if it is large at all.
  package var ratio = 200
  /// For all archives of a mail.
  package var time = Duration.seconds(10)
  /// What the process may allocate that unpacks them.
  package var memoryByteCount = 1 << 30

  package init() {}
}
