FROM fedora:40
RUN yum install curl vim-9.1 && yum clean all
RUN yum install -y gcc-13
RUN dnf install git && dnf module install -y nodejs
RUN microdnf install -y tar-1.35 && microdnf clean all
FROM opensuse/leap:15.6
RUN zypper install curl && zypper --non-interactive in "git>=2" && zypper clean -a
RUN zypper dup -y
RUN zypper -n in make=4.4
