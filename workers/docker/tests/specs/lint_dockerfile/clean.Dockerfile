# syntax=docker/dockerfile:1
ARG NODE=22.4
FROM node:${NODE}-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build

FROM debian:12.5-slim
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN apt-get update \
    # what the health check needs
    && apt-get install -y --no-install-recommends curl=7.88.1-10 \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build --chown=1000:1000 /src/dist ./
LABEL org.opencontainers.image.licenses="Apache-2.0"
EXPOSE 8080/tcp 9000-9010/udp
USER 1000:1000
HEALTHCHECK --interval=30s CMD ["curl", "-f", "http://localhost:8080/"]
ENTRYPOINT ["/app/server"]
CMD ["--port", "8080"]
