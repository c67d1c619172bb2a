/// An analyzer as its YAML file describes it, in the words of Lucene and Elasticsearch: character filters, one
/// tokenizer, token filters. Steps run in this fixed order however the list is written:
/// `icu_normalizer`, `mail_words`, then the filters.
struct AnalyzerDefinition: Hashable, Sendable {
  var id: String
  var version: Int
  /// Whole compounds are emitted beside their parts.
  var compounds = true
  /// `https://example.com/a?b=c` is one compound.
  var urls = false
  /// A word with the signs that belong to it is a term beside the word: `C++`, `#123`.
  var signs = false
  /// The parts of `getUserName` are terms beside the whole.
  var splitsOnCaseChange = false
  /// Every suffix of a domain is a term.
  var domainSuffixes = false
  /// Overlapping pairs for Han, Kana and Hangul; without it such a run is one word.
  var ideographBigrams = false
  /// Traditional Han characters are simplified ones.
  var hanFolding = false
  /// A word without its diacritics is a second term.
  var diacriticsFolding = false
  /// Longest term in UTF-8 bytes.
  var maxTermByteCount = 255

  /// - Throws: `AnalysisError` naming the file's `name`, the step and the key.
  init(yaml: [UInt8], name: String) throws(AnalysisError) {
    let root = try DefinitionNode(yaml: yaml, name: name)
    try root.allowKeys(["id", "version", "char_filter", "tokenizer", "filter"])
    id = try root.string("id")
    version = try root.integer("version", in: 1...1_000_000)
    try Self.readCharacterFilters(root)
    try readTokenizer(root.child("tokenizer"))
    for filter in try root.children("filter") { try readFilter(filter) }
  }

  private static func readCharacterFilters(_ root: DefinitionNode) throws(AnalysisError) {
    let filters = try root.children("char_filter")
    for filter in filters {
      try filter.expectType(among: ["icu_normalizer"])
      try filter.allowKeys(["type", "name"])
      guard try filter.string("name") == "nfkc_cf" else {
        throw filter.error(.invalidValue, "name must be nfkc_cf")
      }
    }
    guard filters.count == 1 else { throw root.error(.invalidValue, "char_filter must hold icu_normalizer once") }
  }

  private mutating func readTokenizer(_ tokenizer: DefinitionNode) throws(AnalysisError) {
    try tokenizer.expectType(among: ["mail_words"])
    try tokenizer.allowKeys(["type", "compounds", "urls", "signs", "split_on_case_change"])
    compounds = try tokenizer.flag("compounds", default: true)
    urls = try tokenizer.flag("urls", default: false)
    // Both are younger than definitions that indexes were made with, and that go on to count as they are.
    signs = try tokenizer.flag("signs", default: false)
    splitsOnCaseChange = try tokenizer.flag("split_on_case_change", default: false)
  }

  private mutating func readFilter(_ filter: DefinitionNode) throws(AnalysisError) {
    switch try filter.expectType(among: [
      "domain_suffixes", "cjk_bigram", "icu_transform", "diacritics_folding", "truncate",
    ]) {
    case "domain_suffixes":
      try filter.allowKeys(["type"])
      domainSuffixes = true
    case "cjk_bigram":
      try filter.allowKeys(["type"])
      ideographBigrams = true
    case "icu_transform":
      try filter.allowKeys(["type", "id"])
      guard try filter.string("id") == "Traditional-Simplified" else {
        throw filter.error(.invalidValue, "id must be Traditional-Simplified")
      }
      guard ScalarTable.simplifyingHan != nil else {
        throw filter.error(.invalidValue, "the ICU that is installed has no transform Traditional-Simplified")
      }
      hanFolding = true
    case "diacritics_folding":
      try filter.allowKeys(["type", "preserve_original"])
      guard try filter.flag("preserve_original", default: true) else {
        throw filter.error(.invalidValue, "preserve_original must be true: an accent that was typed must match")
      }
      diacriticsFolding = true
    default:
      try filter.allowKeys(["type", "length"])
      maxTermByteCount = try filter.integer("length", in: 16...255)
    }
  }
}
