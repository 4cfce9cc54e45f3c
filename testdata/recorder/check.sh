#!/bin/sh
# Records one short case into a temporary folder and checks what was written.
# Exits non-zero when anything is wrong, and also when it cannot run at all.
set -eu
cd "$(dirname "$0")"

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
need=""
[ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || need="$need chromium"
command -v zstd >/dev/null || need="$need zstd"
if [ -n "$need" ]; then
  as_root apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends $need fonts-dejavu-core >/dev/null
fi
command -v node >/dev/null || { echo "check.sh: node (20 or newer) is needed" >&2; exit 1; }
node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' || { echo "check.sh: node 20 or newer is needed, this is $(node --version)" >&2; exit 1; }
[ -n "${CHROMIUM:-}" ] || CHROMIUM=$(command -v chromium)
export CHROMIUM

if grep -nE '"resolved"|registry\.' package-lock.json; then echo "check.sh: package-lock.json names a registry" >&2; exit 1; fi
npm ci --no-audit --no-fund

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
case=${1:-coupon-typeerror}
timeout 100 node record.mjs --out "$out" "$case"
node verify.mjs --cases "$out" "$case"
echo "check.sh: recorded and checked $case"
