#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs the few Debian packages that tests want and that no Python package can stand in for.
# Neither Comity nor `make demo` needs any of them. Does nothing when all are present; without
# root it names what is missing and leaves it at that: the tests that want it are then skipped,
# and say so.
set -eu

# A row: the package, then a program or file that shows it is there, then what it is for.
wanted() {
    cat <<'LIST'
chromium         chromium                                          drives the desk as an officer does
fonts-noto-core  /usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf  Arabic letters in pages and screenshots
minisign         minisign                                          checks a package's seal with a stock tool
poppler-utils    pdftotext                                         reads the answers that are printed
hashdeep         hashdeep                                          audits a package's list of files
ewf-tools        ewfverify                                         checks and makes EnCase images
openssl          openssl                                           checks signatures without our code
postgresql       /usr/lib/postgresql                               a database server, started and stopped by the tests
LIST
}

present() {
    case $1 in
        /*) [ -e "$1" ] ;;
        *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

missing=$(wanted | while read -r package proof purpose; do
    present "$proof" || echo "$package"
done)

if [ -z "$missing" ]; then
    echo "debian packages: all present"
    exit 0
fi

echo "debian packages: missing, and why they are wanted:"
wanted | while read -r package proof purpose; do
    present "$proof" || echo "  $package: $purpose"
done

if ! command -v apt-get >/dev/null 2>&1; then
    echo "debian packages: NOT INSTALLED: this system has no apt-get; install them its own way"
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "debian packages: NOT INSTALLED: this needs root. As root: apt-get install" $missing
    exit 0
fi

export DEBIAN_FRONTEND=noninteractive
# The tests start a server of their own; the package need not start another.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
fi
apt-get update -qq
# One by one: a package that this release does not have must not keep the others out.
failed=""
for package in $missing; do
    apt-get install -y -qq --no-install-recommends "$package" >/dev/null || failed="$failed $package"
done
if [ -n "$failed" ]; then
    echo "debian packages: NOT INSTALLED:$failed"
    exit 1
fi
echo "debian packages: installed" $missing
