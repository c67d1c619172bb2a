import Analysis

/// What the standing queries of all shards are asked with.
struct ArrivalSources: Sendable {
  let analyzers: AnalyzerSet
  /// `nil` where words have no forms but those of the settings' languages.
  let languages: LanguageMemory?
  let headers: StoredHeaders
  let days: UserDays
}
