# hadolint global ignore=DL3059
# hadolint ignore=DL3006 # the tag is added by the release
FROM debian
# hadolint ignore=DL3018

RUN apk add --no-cache a
# hadolint ignore=DL3018,DL3019
RUN apk add b
# hadolint ignore=DL3018 because
RUN apk add --no-cache c
RUN true \
    # hadolint ignore=DL3018
    && apk add --no-cache d
