//! The rules of the Dockerfile linter: ids and levels as hadolint numbers them, texts of our own.

use octavo_toolkit::{Level, Rule, rule_docs};

// One rule a line: its id, its level, what it asks for; then why, the smallest wrong source, and the same, right.
macro_rules! rules {
    ($($id:ident $level:ident $summary:literal: $why:literal, $wrong:literal => $right:literal;)+) => {
        $(
            #[doc = $summary]
            pub(super) const $id: Rule = Rule {
                id: stringify!($id),
                level: Level::$level,
                summary: $summary,
                docs: rule_docs!(
                    why: $why,
                    wrong: $wrong,
                    right: $right,
                    source: concat!("https://github.com/hadolint/hadolint/wiki/", stringify!($id)),
                ),
            };
        )+
        /// Every rule, by id.
        pub(super) const RULES: &[Rule] = &[$($id),+];
    };
}

rules! {
    DL1000 Error "The file follows the grammar of Dockerfiles.": "An instruction that cannot be read stops the build.", "FORM debian:12.5" => "FROM debian:12.5";
    DL1001 Info "No rule is ignored by a comment.": "Where policy forbids exceptions, each one must be seen. Off unless asked for.", "# hadolint ignore=DL3006\nFROM debian" => "FROM debian:12.5";
    DL3000 Error "WORKDIR is absolute.": "A relative directory depends on the one before it, which a base image may change.", "WORKDIR app" => "WORKDIR /app";
    DL3001 Info "Programs for interactive machines do not run in a build.": "There is no terminal, no init system and no other process to manage.", "RUN service nginx start" => "CMD [\"nginx\", \"-g\", \"daemon off;\"]";
    DL3002 Warning "The last USER is not root.": "A process that breaks out as root owns the host's resources too.", "USER root" => "USER 1000";
    DL3003 Warning "WORKDIR changes directories, not cd.": "A cd is forgotten at the end of its RUN, and hides where later lines work.", "RUN cd /src && make" => "WORKDIR /src\nRUN make";
    DL3004 Error "sudo is not used.": "Builds are root already; sudo has surprising terminal and signal behaviour.", "RUN sudo make install" => "RUN make install";
    DL3006 Warning "Base images have a tag.": "Without a tag the build takes whatever is newest on the day.", "FROM debian" => "FROM debian:12.5";
    DL3007 Warning "Base images are not tagged latest.": "The tag moves, so the same file builds different images.", "FROM debian:latest" => "FROM debian:12.5";
    DL3008 Warning "apt-get installs fixed versions.": "Otherwise a rebuild silently takes other packages.", "RUN apt-get install -y curl" => "RUN apt-get install -y curl=7.88.1-10";
    DL3009 Info "The lists of apt are removed in the RUN that fetched them.": "They weigh tens of megabytes and stay in the layer.", "RUN apt-get update" => "RUN apt-get update && rm -rf /var/lib/apt/lists/*";
    DL3010 Info "Archives are unpacked by ADD.": "COPY and tar keep the archive in a layer; ADD leaves only its content.", "COPY a.tar.gz /\nRUN tar -xzf /a.tar.gz" => "ADD a.tar.gz /";
    DL3011 Error "Ports are at most 65535.": "No larger port exists.", "EXPOSE 80000" => "EXPOSE 8000";
    DL3012 Error "A stage has one HEALTHCHECK.": "Only the last one counts; the others mislead.", "HEALTHCHECK CMD [\"a\"]\nHEALTHCHECK CMD [\"b\"]" => "HEALTHCHECK CMD [\"b\"]";
    DL3013 Warning "pip installs fixed versions.": "Otherwise a rebuild silently takes other packages.", "RUN pip install flask" => "RUN pip install flask==3.0.3";
    DL3014 Warning "apt-get install runs without questions.": "Nobody answers the prompt of a build.", "RUN apt-get install curl" => "RUN apt-get install -y curl";
    DL3015 Info "apt-get install leaves out recommended packages.": "They are seldom needed and often double the layer.", "RUN apt-get install -y curl" => "RUN apt-get install -y --no-install-recommends curl";
    DL3016 Warning "npm installs fixed versions.": "Otherwise a rebuild silently takes other packages.", "RUN npm install -g pm2" => "RUN npm install -g pm2@5.3.0";
    DL3018 Warning "apk adds fixed versions.": "Otherwise a rebuild silently takes other packages.", "RUN apk add curl" => "RUN apk add curl=8.5.0-r0";
    DL3019 Info "apk add keeps no cache.": "With --no-cache the index is neither stored nor stale.", "RUN apk add curl=8.5.0-r0" => "RUN apk add --no-cache curl=8.5.0-r0";
    DL3020 Error "Files and folders are copied by COPY.": "ADD also fetches and unpacks, which a reader does not expect of a plain file.", "ADD app.py /app/" => "COPY app.py /app/";
    DL3021 Error "COPY of several sources ends with a slash.": "Several files need a directory; without the slash the build fails.", "COPY a b /dir" => "COPY a b /dir/";
    DL3022 Warning "COPY --from names an earlier stage.": "A name that is no stage is pulled as an image, mostly by accident.", "FROM a:1 AS build\nFROM b:1\nCOPY --from=biuld /a /a" => "FROM a:1 AS build\nFROM b:1\nCOPY --from=build /a /a";
    DL3023 Error "COPY --from does not name its own stage.": "A stage cannot copy from itself; the build fails.", "FROM a:1 AS b\nCOPY --from=b /x /y" => "FROM a:1 AS b\nRUN cp /x /y";
    DL3024 Error "Stage names are unique.": "Later references to a repeated name are ambiguous.", "FROM a:1 AS b\nFROM c:1 AS b" => "FROM a:1 AS b\nFROM c:1 AS d";
    DL3025 Warning "CMD, ENTRYPOINT and HEALTHCHECK use the JSON form.": "In the shell form a shell is process 1 and signals do not reach the program.", "CMD node app.js" => "CMD [\"node\", \"app.js\"]";
    DL3026 Error "Images come from trusted registries.": "Another registry may serve anything. Checked only when registries are given.", "FROM elsewhere.example/a:1" => "FROM trusted.example/a:1";
    DL3027 Warning "apt-get and apt-cache are used, not apt.": "The interface of apt is for people and not stable.", "RUN apt install -y curl" => "RUN apt-get install -y curl";
    DL3028 Warning "gem installs fixed versions.": "Otherwise a rebuild silently takes other packages.", "RUN gem install rake" => "RUN gem install rake:13.1.0";
    DL3029 Warning "FROM does not fix a platform.": "A fixed platform builds the wrong image, or an emulated one, on other machines.", "FROM --platform=linux/amd64 debian:12.5" => "FROM debian:12.5";
    DL3030 Warning "yum install runs without questions.": "Nobody answers the prompt of a build.", "RUN yum install curl-8.5" => "RUN yum install -y curl-8.5";
    DL3032 Warning "The cache of yum is removed in the RUN that filled it.": "Metadata and packages stay in the layer.", "RUN yum install -y curl-8.5" => "RUN yum install -y curl-8.5 && yum clean all";
    DL3033 Warning "yum installs fixed versions.": "Otherwise a rebuild silently takes other packages.", "RUN yum install -y curl" => "RUN yum install -y curl-8.5";
    DL3034 Warning "zypper runs without questions.": "Nobody answers the prompt of a build.", "RUN zypper install curl=8.5" => "RUN zypper install -y curl=8.5";
    DL3035 Warning "zypper does not upgrade the distribution.": "The base image's tag would no longer say what is inside.", "RUN zypper dist-upgrade -y" => "FROM opensuse/leap:15.6";
    DL3036 Warning "The cache of zypper is removed in the RUN that filled it.": "Metadata and packages stay in the layer.", "RUN zypper install -y curl=8.5" => "RUN zypper install -y curl=8.5 && zypper clean";
    DL3037 Warning "zypper installs fixed versions.": "Otherwise a rebuild silently takes other packages.", "RUN zypper install -y curl" => "RUN zypper install -y curl=8.5";
    DL3038 Warning "dnf install runs without questions.": "Nobody answers the prompt of a build.", "RUN dnf install curl-8.5" => "RUN dnf install -y curl-8.5";
    DL3040 Warning "The cache of dnf is removed in the RUN that filled it.": "Metadata and packages stay in the layer.", "RUN dnf install -y curl-8.5" => "RUN dnf install -y curl-8.5 && dnf clean all";
    DL3041 Warning "dnf installs fixed versions.": "Otherwise a rebuild silently takes other packages.", "RUN dnf install -y curl" => "RUN dnf install -y curl-8.5";
    DL3042 Warning "pip install keeps no cache.": "Nothing in the image will read the cache again.", "RUN pip install flask==3.0.3" => "RUN pip install --no-cache-dir flask==3.0.3";
    DL3043 Error "ONBUILD holds no ONBUILD, FROM or MAINTAINER.": "Docker refuses them as triggers.", "ONBUILD FROM debian:12.5" => "ONBUILD RUN make";
    DL3044 Error "ENV does not use a variable it sets itself.": "All values of one ENV are expanded before any is set.", "ENV A=1 B=$A" => "ENV A=1\nENV B=$A";
    DL3045 Warning "COPY has an absolute destination or a WORKDIR.": "Else the place depends on the base image.", "FROM debian:12.5\nCOPY a b" => "FROM debian:12.5\nWORKDIR /app\nCOPY a b";
    DL3046 Warning "useradd with a high id has -l.": "Without it the sparse log of logins grows to gigabytes in the layer.", "RUN useradd -u 123456 app" => "RUN useradd -l -u 123456 app";
    DL3047 Info "wget draws no progress bar.": "Each step of the bar is a line of the build log.", "RUN wget https://host.example/a" => "RUN wget --progress=dot:giga https://host.example/a";
    DL3048 Info "Label keys follow Docker's guidelines.": "Keys are lower-case letters, digits, dots and dashes; Docker's own namespaces are reserved.", "LABEL Version=1" => "LABEL version=1";
    DL3049 Info "Required labels are set.": "Tools that read the label find nothing. Checked only when labels are required.", "FROM debian:12.5" => "FROM debian:12.5\nLABEL version=1.0.0";
    DL3050 Info "No label is set that the list lacks.": "A label nobody agreed on is mostly a typing error. Checked only when `enable` names it.", "LABEL verison=1.0.0" => "LABEL version=1.0.0";
    DL3051 Warning "Required labels are not empty.": "An empty label says nothing.", "LABEL version=\"\"" => "LABEL version=1.0.0";
    DL3052 Warning "Labels of format url hold a URL.": "Tools follow the label.", "LABEL docs=here" => "LABEL docs=https://host.example/";
    DL3053 Warning "Labels of format rfc3339 hold a time.": "Tools compare the label.", "LABEL created=today" => "LABEL created=2024-05-01T12:00:00Z";
    DL3054 Warning "Labels of format spdx hold a licence expression.": "Licence scanners know only SPDX identifiers.", "LABEL license=GPL" => "LABEL license=GPL-3.0-only";
    DL3055 Warning "Labels of format hash hold a git hash.": "Seven or forty hexadecimal digits lead to one commit.", "LABEL revision=main" => "LABEL revision=1a2b3c4";
    DL3056 Warning "Labels of format semver hold a semantic version.": "Tools order versions by it.", "LABEL version=1" => "LABEL version=1.0.0";
    DL3057 Info "Stages have a HEALTHCHECK.": "Without one an engine only knows whether the process lives. Off unless asked for.", "FROM debian:12.5" => "FROM debian:12.5\nHEALTHCHECK CMD [\"check\"]";
    DL3058 Warning "Labels of format email hold an address.": "People and tools write to it.", "LABEL contact=me" => "LABEL contact=me@host.example";
    DL3059 Info "RUN instructions that follow each other are one.": "Each is a layer; what one deletes stays in another.", "RUN a\nRUN b" => "RUN a && b";
    DL3060 Info "The cache of yarn is removed in the RUN that filled it.": "Nothing in the image will read the cache again.", "RUN yarn install" => "RUN yarn install && yarn cache clean";
    DL3061 Error "The file starts with FROM or ARG.": "Nothing can be built without a base.", "RUN a\nFROM debian:12.5" => "FROM debian:12.5\nRUN a";
    DL3062 Warning "go installs fixed versions.": "Otherwise a rebuild silently takes another module.", "RUN go install host.example/a" => "RUN go install host.example/a@v1.2.3";
    DL3063 Warning "Stage names are not reserved words.": "scratch and context mean something else to the builder.", "FROM debian:12.5 AS scratch" => "FROM debian:12.5 AS base";
    DL3064 Warning "Secrets are not given by ARG or ENV.": "Both stay readable in the image's history.", "ENV API_KEY=abc" => "RUN --mount=type=secret,id=api_key make";
    DL3065 Warning "FROM --platform=$TARGETPLATFORM is left out.": "It is what FROM does anyway.", "FROM --platform=$TARGETPLATFORM debian:12.5" => "FROM debian:12.5";
    DL3066 Info "USER is a number.": "A cluster that asks for non-root users cannot know what a name stands for.", "USER app" => "USER 1000";
    DL3067 Warning "COPY --from does not copy a whole file system.": "It brings everything the stage was meant to leave behind.", "COPY --from=build / /" => "COPY --from=build /out /app";
    DL4000 Error "MAINTAINER is not used.": "It was replaced by labels.", "MAINTAINER me@host.example" => "LABEL maintainer=\"me@host.example\"";
    DL4001 Warning "Either wget or curl is used.": "Two programs for one purpose make the image larger.", "RUN wget -q a && curl b" => "RUN curl a && curl b";
    DL4003 Warning "A stage has one CMD.": "Only the last one counts; the others mislead.", "CMD [\"a\"]\nCMD [\"b\"]" => "CMD [\"b\"]";
    DL4004 Error "A stage has one ENTRYPOINT.": "Only the last one counts; the others mislead.", "ENTRYPOINT [\"a\"]\nENTRYPOINT [\"b\"]" => "ENTRYPOINT [\"b\"]";
    DL4005 Warning "SHELL changes the shell.": "A link over /bin/sh also changes it for every program of the image.", "RUN ln -sf /bin/bash /bin/sh" => "SHELL [\"/bin/bash\", \"-c\"]";
    DL4006 Warning "A RUN with a pipe has pipefail.": "Else only the last program of the pipe can fail the build.", "RUN curl a | tar x" => "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]\nRUN curl a | tar x";
}
