FROM debian
RUN apt-get update && apt-get install curl wget=1.21
RUN apt update; apt install -y git
RUN apt-get -qq install -t bookworm-backports --no-install-recommends "vim=2:9" ./local.deb $EXTRA
RUN --mount=type=cache,target=/var/lib/apt/lists apt-get update && apt-get install -yq -o APT::Install-Recommends=false gcc=4:12
RUN sudo apt-get update && sudo service nginx start
RUN ["apt-get", "install", "nano"]
