/// The analyzer definitions that ship with Maildex, as the bytes of their YAML files beside this one.
package enum AnalyzerDefinitions {
  package static var text: [UInt8] { PackageResources.text_yaml }
  package static var address: [UInt8] { PackageResources.address_yaml }
  package static var filename: [UInt8] { PackageResources.filename_yaml }
  package static var identifier: [UInt8] { PackageResources.identifier_yaml }

  // Of the first version, which indexes were made with that have no copy of theirs. They never change.
  package static var text1: [UInt8] { PackageResources.text_1_yaml }
  package static var address1: [UInt8] { PackageResources.address_1_yaml }
  package static var filename1: [UInt8] { PackageResources.filename_1_yaml }
}
