FROM debian:12.5
MAINTAINER Jo Doe <jo@host.example>
WORKDIR app
ADD app.py rootfs.tar.gz /app/
ADD config.yml /etc/app/
ADD https://host.example/a.tar.gz /tmp/
COPY src.tar.gz /tmp/
RUN tar -xzf /tmp/src.tar.gz && cd /tmp/src && make
ENV HOME_DIR=/srv PATH=$HOME_DIR/bin:$PATH API_TOKEN=abc
ENV HOME_DIR=$HOME_DIR/x
EXPOSE 80 99999
HEALTHCHECK CMD curl -f http://localhost/ || exit 1
HEALTHCHECK NONE
CMD node server.js --port=80
CMD ["node"]
ENTRYPOINT exec node
ENTRYPOINT ["node"]
RUN ps
RUN kill 1
USER 1000:app
ONBUILD ONBUILD RUN ps
ONBUILD FROM debian:12.5
ONBUILD RUN apt-get install -y git
