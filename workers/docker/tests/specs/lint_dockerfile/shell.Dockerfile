FROM debian:12.5
RUN set -eux; \
    arch="$(dpkg --print-architecture | tr a-z A-Z)"; \
    case "$arch" in \
      amd64|arm64) cd /opt ;; \
      *) echo "no | sudo" ;; \
    esac; \
    if [[ -n "$arch" && ( a < b ) ]]; then npm install `cat pkgs`; fi; \
    for tool in $(apt list); do (exec kill "$tool") || :; done; \
    f() { pip install "${PKG:-$(top)}"; }; f 2>&1 >/dev/null \
    # sudo in a comment
    && echo 'sudo a' "sudo $(( 1 | 2 )) b" \; sudo <(vim) <<< sudo
