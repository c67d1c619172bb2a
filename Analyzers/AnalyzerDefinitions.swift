/// The analyzer definitions that ship with Maildex, as the bytes of their YAML files beside this one.
package enum AnalyzerDefinitions {
  package static var text: [UInt8] { PackageResources.text_yaml }
  package static var address: [UInt8] { PackageResources.address_yaml }
  package static var filename: [UInt8] { PackageResources.filename_yaml }
  package static var identifier: [UInt8] { PackageResources.identifier_yaml }
}
