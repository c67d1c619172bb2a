import Testing

@testable import maildex

struct DescriptorLimitTests {
  @Test func `the limit is raised to the most there is, and stays`() {
    let allowed = DescriptorLimit.raise()
    #expect(allowed > 0)
    #expect(DescriptorLimit.raise() == allowed)
  }

  @Test func `connections that could use up all files are warned of`() throws {
    #expect(DescriptorLimit.warning(allowed: 10_000, connections: 2_000) == nil)
    let warning = try #require(DescriptorLimit.warning(allowed: 1_024, connections: 1_000))
    #expect(warning.contains("1024") && warning.contains("smtp.max_connections"))
  }
}
