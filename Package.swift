// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
]

/// C is optimised in debug builds too: the tests run real models through these kernels.
let kernels: [CSetting] = [
  .unsafeFlags(["-O3", "-Wall", "-Wextra", "-Werror", "-fno-math-errno"])
]

let package = Package(
  name: "alr-analyze",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "alr-analyze", targets: ["alr-analyze"]),
    .library(
      name: "AttentionAnalysis",
      targets: [
        "AttentionAnalysis", "Inference", "ModelFiles", "Tokenization", "Results", "Reporting",
      ]),
    .library(
      name: "Compression",
      targets: [
        "Compression", "AttentionAnalysis", "Inference", "ModelFiles", "Tokenization", "Results",
      ]),
  ],
  dependencies: [],
  targets: [
    .target(
      name: "CKernels",
      exclude: ["README.md"],
      cSettings: kernels,
      linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]
    ),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "ModelFiles", dependencies: ["CKernels", "CZlib"], swiftSettings: strict),
    .target(name: "Tokenization", dependencies: ["ModelFiles", "CZlib"], swiftSettings: strict),
    .target(name: "Inference", dependencies: ["CKernels", "ModelFiles"], swiftSettings: strict),
    .target(name: "Results", dependencies: ["ModelFiles"], swiftSettings: strict),
    .target(
      name: "AttentionAnalysis",
      dependencies: ["Inference", "ModelFiles", "Results", "Tokenization"],
      swiftSettings: strict),
    .target(
      name: "Compression",
      dependencies: ["AttentionAnalysis", "Inference", "ModelFiles", "Results", "Tokenization"],
      swiftSettings: strict),
    // The report's script and style sheet become part of the code: a bundle would have to lie beside
    // the tool wherever it is installed.
    .target(
      name: "Reporting", dependencies: ["ModelFiles", "Results", "CZlib"],
      resources: [.embedInCode("HTML/Assets")], swiftSettings: strict),
    .executableTarget(
      name: "alr-analyze",
      dependencies: [
        "ModelFiles", "Tokenization", "Inference", "Results", "AttentionAnalysis", "Compression",
        "Reporting",
      ],
      swiftSettings: strict),

    // What several test targets build their input from.
    .target(
      name: "TestSupport",
      dependencies: ["AttentionAnalysis", "Inference", "Results", "ModelFiles"],
      path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "CKernelsTests", dependencies: ["CKernels", "AttentionAnalysis", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ModelFilesTests",
      dependencies: ["ModelFiles", "AttentionAnalysis", "Tokenization", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "TokenizationTests",
      dependencies: ["Tokenization", "ModelFiles", "AttentionAnalysis", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "InferenceTests",
      dependencies: [
        "Inference", "CKernels", "ModelFiles", "AttentionAnalysis", "Results", "TestSupport",
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "AttentionAnalysisTests",
      dependencies: ["AttentionAnalysis", "Inference", "Results", "TestSupport"],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "CompressionTests",
      dependencies: [
        "Compression", "AttentionAnalysis", "Inference", "ModelFiles", "Tokenization",
        "TestSupport",
      ],
      resources: [.copy("Fixtures")], swiftSettings: strict),
    .testTarget(
      name: "ResultsTests",
      dependencies: ["Results", "AttentionAnalysis", "ModelFiles", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ReportingTests",
      dependencies: ["Reporting", "AttentionAnalysis", "Results", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandLineTests", dependencies: ["alr-analyze", "TestSupport"], swiftSettings: strict),
  ]
)
