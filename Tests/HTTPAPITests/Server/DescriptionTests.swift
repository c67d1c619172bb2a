import APISupport
import HTTPAPI
import HTTPTypes
import Testing

struct DescriptionTests {
  private var routes: RouteTable {
    HTTPServer.apiRoutes(
      service: InMemoryMail(), queues: InMemoryQueues(),
      configuration: HTTPConfiguration(address: .tcp(host: "127.0.0.1", port: 0)))
  }

  @Test func `every route is described and every described operation is a route`() {
    let served = Set(routes.routes.map { Description.Operation(method: $0.method.rawValue, path: $0.path) })
    let described = Set(Description.shared.operations.keys)
    #expect(served.subtracting(described).isEmpty, "served, but not described")
    #expect(described.subtracting(served).isEmpty, "described, but not served")
    #expect(served.count > 15)
  }

  @Test func `open routes and only they are described as open`() {
    for route in routes.routes {
      let operation = Description.shared.operations[.init(method: route.method.rawValue, path: route.path)]
      #expect((operation?["security"] == .array([])) == (route.access == .open), "\(route.method) \(route.path)")
    }
  }

  @Test func `whatever asks for a user can also be refused, fail or be put off`() {
    for (operation, value) in Description.shared.operations where value["security"] != .array([]) {
      let statuses = Set((value["responses"] ?? .null).members.map(\.name))
      #expect(statuses.isSuperset(of: ["400", "401", "500", "503"]), "\(operation)")
    }
  }

  @Test func `the sort orders are those that are described`() {
    let described = Description.shared.root["components"]?["schemas"]?["Sort"]?["enum"]?.elements.compactMap(\.string)
    #expect(described == SearchSort.allCases.map(\.rawValue))
  }

  @Test func `every parameter of a path is described`() {
    for (operation, value) in Description.shared.operations {
      let shared = Description.shared.root["paths"]?[operation.path]?["parameters"]?.elements ?? []
      let parameters = (shared + (value["parameters"]?.elements ?? [])).map { Description.shared.resolve($0) }
      let described = Set(parameters.filter { $0["in"] == "path" }.compactMap { $0["name"]?.string })
      let used = Set(
        operation.path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) })
      #expect(described == used, "\(operation)")
    }
  }

  @Test func `every reference leads somewhere and operation ids are unique`() {
    func references(in value: JSONValue) -> [JSONValue] {
      switch value {
      case .object(let members):
        (value["$ref"] == nil ? [] : [value]) + members.flatMap { references(in: $0.value) }
      case .array(let elements): elements.flatMap { references(in: $0) }
      default: []
      }
    }
    for reference in references(in: Description.shared.root) {
      #expect(Description.shared.resolve(reference) != .null, "\(reference)")
    }
    let ids = Description.shared.operations.values.compactMap { $0["operationId"]?.string }
    #expect(Set(ids).count == Description.shared.operations.count)
  }

  @Test func `the description is served as it is in the sources`() async throws {
    try await APIHarness.run { api in
      let answer = try await api.send(.get, "/v1/openapi.yaml", as: nil)
      #expect(answer.status == 200)
      #expect(answer.headers[.contentType] == "application/yaml")
      #expect(answer.text.hasPrefix("openapi: 3.1.0\n"))
      #expect(answer.bytes.count > 10_000)
    }
  }

  @Test func `the validator finds what is wrong`() {
    let schema: JSONValue = ["$ref": "#/components/schemas/Address"]
    func errors(_ value: JSONValue) -> [String] { Description.shared.errors(of: value, schema: schema, at: "$") }
    #expect(errors(["name": nil, "email": "a@example.com"]).isEmpty)
    #expect(errors(["email": "a@example.com"]) == ["$ lacks name"])
    #expect(errors(["name": 1, "email": "a"]).count == 1)
    #expect(errors(["name": nil, "email": "a", "age": 3]) == ["$ has age, which is not described"])
  }
}
