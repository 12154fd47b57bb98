#!/bin/sh
# Draws the secrets of an installation into a folder (./secrets, or the one named), a file each: passwords, keys, and
# certificates of an authority of its own. What is there stays; --renew gives the certificates again, of the same
# authority. Needs openssl.
#
#     deploy/secrets.sh [--renew] [FOLDER]
#
# Keep a copy apart from the backups of the databases: together they let whoever finds them read and sign everything.
set -eu
umask 077

renew=
if [ "${1:-}" = --renew ]; then renew=yes; shift; fi
folder=${1:-$(cd "$(dirname "$0")/.." && pwd)/secrets}
roles="identity intake casework routing knowledge notification tracking"
command -v openssl >/dev/null || { echo "secrets.sh: openssl is needed" >&2; exit 1; }
mkdir -p "$folder"
# The folder is its owner's alone. The files in it are read by the containers' users, to whom each is mounted by itself.
chmod 700 "$folder"
cd "$folder"
umask 022

draw() { [ -s "$1" ] || openssl rand -hex 24 >"$1"; }

for role in $roles; do
    draw "store-$role"
    draw "bus-$role"
done
draw bus-operator
draw postgres
draw grafana
[ -s session-key ] || openssl rand -hex 32 >session-key
[ -s sealing-key ] || openssl rand -base64 32 >sealing-key
# The former one while it is being changed; else empty.
[ -e sealing-key-before ] || : >sealing-key-before
# What reaches the mail server, as smtp://login:password@mail.example.fr:587?tls=required. Empty: see the how-to.
[ -e smtp-url ] || : >smtp-url

# What nats-server is given: the same passwords, as it reads them.
for user in $roles operator; do
    echo "NATS_PASSWORD_$(echo "$user" | tr '[:lower:]' '[:upper:]'): \"$(cat "bus-$user")\""
done >nats-passwords.conf

if [ ! -s ca.key ] || [ ! -s ca.crt ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 7300 -subj "/CN=Parvis" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
        -keyout ca.key -out ca.crt 2>/dev/null
    # No container needs it.
    chmod 600 ca.key
fi
for name in $roles gateway nats; do
    [ -z "$renew" ] && [ -s "$name.crt" ] && [ -s "$name.key" ] && continue
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$name" \
        -keyout "$name.key" -out "$name.csr" 2>/dev/null
    printf 'subjectAltName=DNS:%s,DNS:%s.parvis.svc\nextendedKeyUsage=serverAuth,clientAuth\nbasicConstraints=CA:FALSE\n' \
        "$name" "$name" >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -set_serial "0x$(openssl rand -hex 16)" -days 3650 \
        -extfile "$name.ext" -out "$name.crt" 2>/dev/null
    rm -f "$name.csr" "$name.ext"
    # Made by openssl for its owner alone.
    chmod 644 "$name.key" "$name.crt"
done
chmod 644 ca.crt
