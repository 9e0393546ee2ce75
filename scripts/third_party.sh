#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs validators that we did not write into .venv-checks, an environment of their own:
# Python ones from requirements/checks.txt, npm ones from tests/thirdparty/package-lock.json,
# all locked by digest. Nothing here is needed to run Comity. Where Node.js is missing or too
# old, the npm part is left out and says so; the tests that want it are then skipped.
set -eu
cd "$(dirname "$0")/.."

PYTHON=${PYTHON:-$(command -v python3 || command -v python3.11)}
"$PYTHON" scripts/bootstrap.py checks

oldest_node=20.19.0 # what age-encryption's own dependencies ask for
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    echo "third party: NOT INSTALLED: age-encryption, axe-core (no node and npm here)"
    exit 0
fi
node_version=$(node --version | tr -d v)
if [ "$(printf '%s\n%s\n' "$oldest_node" "$node_version" | sort -V | head -n 1)" != "$oldest_node" ]; then
    echo "third party: NOT INSTALLED: age-encryption, axe-core (node $node_version is older than $oldest_node)"
    exit 0
fi

target=.venv-checks
if [ -d "$target/node_modules" ] && cmp -s tests/thirdparty/package-lock.json "$target/package-lock.json"; then
    echo "third party: all present"
    exit 0
fi
cp tests/thirdparty/package.json tests/thirdparty/package-lock.json tests/thirdparty/.npmrc "$target/"
if ! (
    cd "$target"
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
); then
    rm -rf "$target/node_modules" "$target/package-lock.json" # so that the next run tries again
    echo "third party: NOT INSTALLED: age-encryption, axe-core (npm failed, see above)"
    exit 1
fi
echo "third party: installed the npm modules"
