/// What searches of a shard have read lately, within one memory budget.
struct IndexCaches: Sendable {
  let heads: HeadCache
  let parts: PartCache
  let columns: ColumnCache
  let pages: GenerationCache<PageKey, [UInt8]>

  init(byteCount: Int) {
    heads = HeadCache(byteCount: byteCount / 8)
    parts = PartCache(byteCount: byteCount / 4)
    columns = ColumnCache(byteCount: byteCount / 8)
    pages = GenerationCache(byteCount: byteCount / 2)
  }

  var byteCount: Int { heads.byteCount + parts.byteCount + columns.byteCount + pages.byteCount }
}
