#!/bin/sh
# Finds a browser for the tests, or installs Debian's where that is possible.
# LIANXIN_TEST_BROWSER names one.
set -eu
for browser in "${LIANXIN_TEST_BROWSER:-}" chromium chromium-browser google-chrome; do
  if [ -n "$browser" ] && command -v "$browser" >/dev/null 2>&1; then exit 0; fi
done
if ! command -v apt-get >/dev/null 2>&1; then
  echo "no browser found: install Chromium or set LIANXIN_TEST_BROWSER; browser tests are skipped"
  exit 0
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
  if sudo -n true 2>/dev/null; then as_root="sudo -n"; else
    echo "no browser found and no right to install one: browser tests are skipped"
    exit 0
  fi
fi
echo "installing Chromium for the browser tests"
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
