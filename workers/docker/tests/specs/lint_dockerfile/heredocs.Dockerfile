FROM debian:12.5
RUN <<EOF
cd /tmp
apt-get install -y curl
EOF
RUN <<-'ONE' bash
	sudo ls | grep x
	ONE
RUN python3 <<EOF
cd = "sudo apt-get install"
EOF
RUN <<EOF
#!/usr/bin/env python3
cd /tmp
EOF
COPY <<a.conf <<"b.conf" /etc/
FROM none
a.conf
RUN none
b.conf
RUN cat <<EOF | tee /etc/motd
cd nowhere
EOF
