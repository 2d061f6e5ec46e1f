FROM alpine:3.20
RUN apk add curl bash=5.2.26-r0 && apk add --no-cache --virtual .deps "gcc~13" make
RUN --mount=type=cache,target=/var/cache/apk apk add git=2.45.2-r0
RUN wget https://host.example/a.tar.gz | tar xz && curl -fsSL https://host.example/b
RUN wget -qO- https://host.example/c && useradd -m -u 123456 app && ln -sf /bin/bash /bin/sh
