//! The rules of the converter: what is lost on the way to Kubernetes.

use octavo_toolkit::{Level, Rule, rule_docs};

macro_rules! rules {
    ($($name:ident $id:literal $level:ident $summary:literal: $why:literal, $wrong:literal => $right:literal;)+) => {
        $(
            #[doc = $summary]
            pub(super) const $name: Rule = Rule {
                id: $id,
                level: Level::$level,
                summary: $summary,
                docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: "https://kompose.io/conversion/"),
            };
        )+
        /// Every rule.
        pub(super) const RULES: &[Rule] = &[$($name),+];
    };
}

rules! {
    COMPOSE "invalid-compose" Error "The Compose project is valid.": "What Compose refuses cannot be converted; docker_validate_compose says more.", "services:\n  a:\n    imge: a:1\n" => "services:\n  a:\n    image: a:1\n";
    LOST "not-converted" Warning "Every key has a counterpart in Kubernetes.": "The key is left out, so the workload behaves otherwise than under Compose.", "services:\n  a:\n    image: a:1\n    extra_hosts: ['b=1.2.3.4']\n" => "services:\n  a:\n    image: a:1\n";
    CHANGED "changed-meaning" Info "A key means the same in Kubernetes.": "The nearest counterpart differs in a way that may matter.", "services:\n  a:\n    image: a:1\n    restart: unless-stopped\n" => "services:\n  a:\n    image: a:1\n    restart: always\n";
    NO_SERVICE "no-service" Info "A service that others call has ports.": "Without ports no Service is made, and its name does not resolve in the cluster.", "services:\n  a:\n    image: a:1\n" => "services:\n  a:\n    image: a:1\n    ports: ['80']\n";
    HOST_PATH "host-path" Warning "Volumes are not folders of the host.": "A claim for an empty volume takes the place of the folder; its files are not there.", "services:\n  a:\n    image: a:1\n    volumes: ['./data:/data']\n" => "services:\n  a:\n    image: a:1\n    volumes: ['data:/data']\nvolumes:\n  data:\n";
}
