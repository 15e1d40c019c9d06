#!/bin/sh
# Makes the certificates of these tests anew; they are good for a hundred years. Nobody but
# the tests trusts `authority.pem`, whose key is thrown away.
set -eu
cd "$(dirname "$0")"
keys=$(mktemp -d)
trap 'rm -r "$keys"' EXIT

new="openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"

$new -x509 -days 36500 -subj "/CN=the tests of kaocheng" \
    -addext "keyUsage=critical,keyCertSign" \
    -addext "basicConstraints=critical,CA:TRUE" \
    -keyout "$keys/authority" -out authority.pem

issue() {
    $new -subj "/CN=$1" -keyout "$keys/$1" -out "$keys/$1.request"
    printf '%s\n' "subjectAltName=$2" "basicConstraints=CA:FALSE" \
        "subjectKeyIdentifier=hash" "authorityKeyIdentifier=keyid" > "$keys/$1.extensions"
    openssl x509 -req -in "$keys/$1.request" -days 36500 -extfile "$keys/$1.extensions" \
        -CA authority.pem -CAkey "$keys/authority" -set_serial "$3" -out "$keys/$1.pem"
    cat "$keys/$1" "$keys/$1.pem" > "$1.pem"
}

issue receiver IP:127.0.0.1 1
issue elsewhere DNS:elsewhere.example 2
