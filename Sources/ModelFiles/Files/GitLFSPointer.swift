extension MappedFile {
  /// Whether it is the stand-in that Git LFS leaves where a file was not fetched.
  package var isGitLFSPointer: Bool {
    withBytes { $0.starts(with: "version https://git-lfs".utf8) }
  }
}
