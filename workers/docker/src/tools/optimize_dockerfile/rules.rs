//! The rules of the Dockerfile optimizer.

use octavo_toolkit::{Level, Rule, rule_docs};

macro_rules! rules {
    ($($name:ident $id:literal $level:ident $summary:literal: $why:literal, $wrong:literal => $right:literal, $source:literal;)+) => {
        $(
            #[doc = $summary]
            pub(super) const $name: Rule = Rule {
                id: $id,
                level: Level::$level,
                summary: $summary,
                docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: $source),
            };
        )+
        /// Every rule.
        pub(super) const RULES: &[Rule] = &[$($name),+];
    };
}

rules! {
    BROKEN "invalid-dockerfile" Error "The file follows the grammar of Dockerfiles.": "What cannot be read cannot be rearranged.", "FORM a:1\n" => "FROM a:1\n", "https://docs.docker.com/reference/dockerfile/";
    DEPENDENCIES "dependencies-before-sources" Warning "Dependencies are installed before the sources are copied.": "Else every change of a source installs them again.", "FROM node:22.4\nWORKDIR /app\nCOPY . .\nRUN npm ci\n" => "FROM node:22.4\nWORKDIR /app\nCOPY package*.json ./\nRUN npm ci\nCOPY . .\n", "https://docs.docker.com/build/cache/optimize/";
    PACKAGES "packages-before-sources" Warning "Packages of the system are installed before the sources are copied.": "They do not depend on the sources, yet are installed again with every change of them.", "FROM debian:12.5\nCOPY . /app\nRUN apt-get update && apt-get install -y curl\n" => "FROM debian:12.5\nRUN apt-get update && apt-get install -y curl\nCOPY . /app\n", "https://docs.docker.com/build/cache/optimize/";
    JOIN "cleanup-in-same-layer" Warning "What a step fetches is used and removed in the same step.": "A layer keeps what a later one removes, and a cached index of packages grows old.", "FROM debian:12.5\nRUN apt-get update\nRUN apt-get install -y curl\n" => "FROM debian:12.5\nRUN apt-get update && apt-get install -y curl\n", "https://docs.docker.com/build/building/best-practices/";
    UNUSED "unused-stage" Info "Every stage is used by the one that is built.": "BuildKit skips it; older builders build it for nothing.", "FROM a:1 AS x\nRUN y\nFROM b:1\n" => "FROM a:1 AS x\nRUN y\nFROM b:1\nCOPY --from=x /y /y\n", "https://docs.docker.com/build/building/multi-stage/";
    MULTI_STAGE "build-tools-in-final-stage" Info "Build tools stay out of the stage that is shipped.": "Compilers and their caches make the image large and open to attack; build in a stage of its own and copy the result.", "FROM golang:1.23\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nCMD [\"/app\"]\n" => "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\nRUN go build -o /app .\nFROM gcr.io/distroless/static:nonroot\nCOPY --from=build /app /app\nCMD [\"/app\"]\n", "https://docs.docker.com/build/building/multi-stage/";
}
