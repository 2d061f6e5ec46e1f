//! What a model should know before it sees the tools.

/// What a model should know before it sees the tools. Byte-stable, 120 to 200 tokens.
pub const INSTRUCTIONS: &str = "Octavo runs exact, deterministic analysers over text you send; it never guesses, executes \
code or reaches a network. Pass whole files as `source` (with `filename` where the kind depends on it) or `files: [{path, \
source}]`. For large files, PUT the bytes to /v1/blobs and pass the returned `blob_...` handle as any source. Results: \
verdict (pass, warn, fail; info for measurements), findings (rule, level, 1-based line and UTF-16 column, `fix` edits \
where safe), `notChecked` for what is not covered. Every tool also takes `output: {ignore: [rule ids], minLevel: \
error|warning|info, maxFindings, maxTokens, cursor (next page), format: concise|detailed|sarif}`. rule://category/id \
resources explain rules. Errors name the argument by JSON pointer and what is accepted; correct it and call again.";
