#!/usr/bin/env bash
# System packages that the tests want: a Redis server, a browser, and the compose file's checker.
# Installs what is missing where apt and root are at hand; elsewhere says what to install and goes on (such tests skip, loudly).
set -euo pipefail

wanted=()
command -v redis-server >/dev/null || wanted+=(redis-server)
command -v chromium >/dev/null || wanted+=(chromium fonts-dejavu-core)
command -v docker-compose >/dev/null || wanted+=(docker-compose)
[ ${#wanted[@]} -eq 0 ] && exit 0

if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    echo "installing ${wanted[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends "${wanted[@]}" >/dev/null
else
    echo "please install: ${wanted[*]} (tests that need them are skipped)" >&2
fi
