import CGMime

/// GMime's tables, set up once for the process. What is used of GMime keeps no state of its own, so any thread may call it.
enum GMimeLibrary {
  /// Always true; reading it is what sets GMime up.
  static let isReady: Bool = {
    g_mime_init()
    return true
  }()
}
