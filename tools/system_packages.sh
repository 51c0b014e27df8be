#!/bin/sh
# Installs the system packages that the tests need where this user may, and says what is missing where not.
set -eu
missing=""
for package in "$@"; do
    case "$package" in
        chromium-driver) command=chromedriver ;;
        *) command=$package ;;
    esac
    command -v "$command" >/dev/null 2>&1 || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing$missing ..."
    apt-get update -qq
    # shellcheck disable=SC2086 # the list is meant to be split
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "please install:$missing (the tests need them; as root on Debian this target does it by itself)" >&2
    exit 1
fi
