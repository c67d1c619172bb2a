/// What searches of a shard have read lately, within one memory budget.
struct IndexCaches: Sendable {
  let heads: HeadCache
  let parts: PartCache
  let columns: ColumnCache
  let signatures: GenerationCache<PartKey, BlockSignatures>
  let pages: GenerationCache<PageKey, [UInt8]>

  init(byteCount: Int) {
    heads = HeadCache(byteCount: byteCount / 16)
    parts = PartCache(byteCount: byteCount / 4)
    columns = ColumnCache(byteCount: byteCount / 8)
    signatures = GenerationCache(byteCount: byteCount / 8)
    pages = GenerationCache(byteCount: byteCount / 16 * 7)
  }

  var byteCount: Int { heads.byteCount + parts.byteCount + columns.byteCount + signatures.byteCount + pages.byteCount }
}
