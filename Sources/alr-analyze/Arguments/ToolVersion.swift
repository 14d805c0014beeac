let toolName = "alr-analyze"

/// Name and version, as `--version` and results state them.
let toolVersion = "alr-analyze 0.1.0"
