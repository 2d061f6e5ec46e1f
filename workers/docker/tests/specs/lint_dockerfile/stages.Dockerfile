RUN echo too early
FROM --platform=linux/amd64 node:latest AS Build
FROM --platform=$TARGETPLATFORM golang AS context
FROM build AS test
COPY --from=test /a /b
COPY --from=2 /a /b
FROM host.example:5000/base AS build
COPY --from=missing a b c
COPY --from=0 / /
COPY relative here
COPY x y /dir
USER 0
FROM $IMAGE
COPY --from=host.example/tool:1 /a /a
USER root
USER app
