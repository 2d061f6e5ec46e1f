FROM debian:12.5 AS build
FROM debian:12.5
LABEL Version=1 a..b=x com.docker.thing=y "with space"=z
LABEL version=1.0 license=GPL source=here created=today revision=main contact=me owner=""
LABEL url=https://host.example/ stray=1
FROM debian:12.5
COPY --from=build /a /b
LABEL version=1.0.0 license="MIT OR Apache-2.0" source=https://host.example/ created=2024-02-29T12:00:00Z revision=1a2b3c4 contact=me@host.example
LABEL owner team-a
