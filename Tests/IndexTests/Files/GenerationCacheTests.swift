import Testing

@testable import Index

@Suite struct GenerationCacheTests {
  @Test func `what was asked for lately stays, what was not goes, and the budget holds`() {
    let cache = GenerationCache<Int, String>(byteCount: 100)
    for key in 0..<200 {
      cache.insert("\(key)", for: key, byteCount: 10)
      #expect(cache.value(for: 0) == "0", "asked for all the time")
      #expect(cache.byteCount <= 100)
    }
    #expect(cache.value(for: 199) == "199")
    #expect(cache.value(for: 100) == nil)
  }

  @Test func `one that takes half of the budget alone is given but not kept`() {
    let cache = GenerationCache<Int, String>(byteCount: 100)
    cache.insert("small", for: 1, byteCount: 10)
    #expect(cache.value(for: 2, byteCount: { _ in 51 }, make: { "large" }) == "large")
    #expect(cache.value(for: 2) == nil)
    #expect(cache.value(for: 1) == "small")
    #expect(cache.byteCount == 10)
  }

  @Test func `a value that is put again counts once`() {
    let cache = GenerationCache<Int, String>(byteCount: 100)
    for size in [10, 20, 5] { cache.insert("\(size)", for: 1, byteCount: size) }
    #expect(cache.value(for: 1) == "5")
    #expect(cache.byteCount == 5)
  }
}
