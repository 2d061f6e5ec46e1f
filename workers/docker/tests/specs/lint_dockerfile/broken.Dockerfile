# escape=x
FORM debian:12.5
FROM debian:12.5 base
FROM debian:12.5 AS base
RUN
COPY onlyone
COPY --form=base /a /b
EXPOSE http 70000 80/icmp $PORT
ENV A=1 B
SHELL bash -c
HEALTHCHECK curl localhost
ONBUILD
RUN cat <<EOF
never closed
