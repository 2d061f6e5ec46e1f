//! The rules of the image auditor: dockle's ids, and one for wasted bytes.

use octavo_toolkit::{Level, Rule, rule_docs};

macro_rules! rules {
    ($($name:ident $id:literal $level:ident $summary:literal: $why:literal, $wrong:literal => $right:literal;)+) => {
        $(
            #[doc = $summary]
            pub(super) const $name: Rule = Rule {
                id: $id,
                level: Level::$level,
                summary: $summary,
                docs: rule_docs!(why: $why, wrong: $wrong, right: $right, source: "https://github.com/goodwithtech/dockle/blob/master/CHECKPOINT.md"),
            };
        )+
        /// Every rule.
        pub(super) const RULES: &[Rule] = &[$($name),+];
    };
}

// Wrong and right are image configurations, or listings of layers with `---` between them.
rules! {
    UNREADABLE "unreadable-image" Error "Configuration and listings can be read.": "What cannot be read cannot be audited.", "{" => "{\"config\":{\"User\":\"app\",\"Healthcheck\":{}}}";
    WASTE "wasted-bytes" Warning "Layers hold no files that later layers replace or remove.": "They are shipped and never seen.", "-rw-r--r-- 0/0 9000000 2024-01-01 00:00 a\n---\n-rw-r--r-- 0/0 9000000 2024-01-01 00:00 a" => "-rw-r--r-- 0/0 9000000 2024-01-01 00:00 a\n---\n-rw-r--r-- 0/0 9000000 2024-01-01 00:00 b";
    USER "CIS-DI-0001" Warning "The image runs as a user that is not root.": "Who breaks out of the process is root on the host, too.", "{\"config\":{\"User\":\"\"}}" => "{\"config\":{\"User\":\"app\"}}";
    HEALTHCHECK "CIS-DI-0006" Info "The image has a HEALTHCHECK.": "Without one nobody notices a process that hangs.", "{\"config\":{}}" => "{\"config\":{\"Healthcheck\":{\"Test\":[\"CMD\",\"true\"]}}}";
    UPDATE "CIS-DI-0007" Error "apt-get update runs together with an install.": "Alone, its layer is cached and later installs use an old index.", "{\"history\":[{\"created_by\":\"RUN apt-get update\"}]}" => "{\"history\":[{\"created_by\":\"RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\"}]}";
    SET_ID "CIS-DI-0008" Info "Files with set-user-id and set-group-id are known.": "They run with other rights than those of who starts them.", "-rwsr-xr-x 0/0 1 2024-01-01 00:00 bin/su" => "-rwxr-xr-x 0/0 1 2024-01-01 00:00 bin/su";
    ADD "CIS-DI-0009" Error "Files are copied with COPY.": "ADD also fetches and unpacks, which nobody expects. The first ADD, of the base image, is not counted.", "{\"history\":[{\"created_by\":\"ADD file:1 in /\"},{\"created_by\":\"ADD file:2 in /app\"}]}" => "{\"history\":[{\"created_by\":\"ADD file:1 in /\"},{\"created_by\":\"COPY file:2 in /app\"}]}";
    SECRET "CIS-DI-0010" Error "No secret is in variables or files of the image.": "Everyone who can pull the image can read it.", "{\"history\":[{\"created_by\":\"ENV DB_PASSWORD=hunter2\"}]}" => "{\"history\":[{\"created_by\":\"ENV DB_HOST=db\"}]}";
    SUDO "DKL-DI-0001" Error "sudo is not used.": "Builds are root already; in the image it opens a way back to root.", "{\"history\":[{\"created_by\":\"RUN sudo make\"}]}" => "{\"history\":[{\"created_by\":\"RUN make\"}]}";
    MOUNT "DKL-DI-0002" Error "No volume is /dev, /proc or /sys.": "They belong to the kernel.", "{\"config\":{\"Volumes\":{\"/proc\":{}}}}" => "{\"config\":{\"Volumes\":{\"/data\":{}}}}";
    DIST_UPGRADE "DKL-DI-0003" Warning "The distribution is not upgraded.": "The base image should be newer instead.", "{\"history\":[{\"created_by\":\"RUN apt-get dist-upgrade\"}]}" => "{\"history\":[{\"created_by\":\"RUN true\"}]}";
    APK "DKL-DI-0004" Error "apk add keeps no cache.": "Its index stays in the layer otherwise.", "{\"history\":[{\"created_by\":\"RUN apk add curl\"}]}" => "{\"history\":[{\"created_by\":\"RUN apk add --no-cache curl\"}]}";
    APT_LISTS "DKL-DI-0005" Error "The lists of apt are removed in the layer that fetched them.": "They weigh tens of megabytes.", "{\"history\":[{\"created_by\":\"RUN apt-get update && apt-get install -y curl\"}]}" => "{\"history\":[{\"created_by\":\"RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\"}]}";
    LATEST "DKL-DI-0006" Warning "The image is not tagged latest.": "The tag moves.", "name: app:latest" => "name: app:1.2";
    NEEDLESS "DKL-LI-0003" Info "Caches, repositories and build files stay out of the image.": "They make it larger and tell more than they should.", "-rw-r--r-- 0/0 1 2024-01-01 00:00 app/.git/HEAD" => "-rw-r--r-- 0/0 1 2024-01-01 00:00 app/main";
}
