#!/usr/bin/env bash
# Build the wheel, check its contents, install it with the pinned dependencies into an
# environment of its own, and use it from a folder in which the sources cannot be seen.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

root=$PWD
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset PYTHONPATH KAOCHENG_DATA

.venv/bin/python -m hatchling build --target wheel --directory "$scratch/dist"
wheel=$(echo "$scratch"/dist/kaocheng-*.whl)
.venv/bin/check-wheel-contents "$wheel"
.venv/bin/python -m zipfile --list "$wheel" > "$scratch/contents"
for package in kaocheng kaocheng_policies kaocheng_plugins; do
  if ! grep -q "^$package/py\.typed " "$scratch/contents"; then
    echo "the wheel lacks $package/py.typed" >&2
    exit 1
  fi
done

.venv/bin/python -m venv "$scratch/venv"
python=$scratch/venv/bin/python
"$python" -m pip --quiet --disable-pip-version-check install \
  --constraint requirements/dev.txt "$wheel"
"$python" -m pip --disable-pip-version-check check

cd "$scratch"
"$python" - "$root" <<'PYTHON'
import importlib
import sys

for name in ("kaocheng", "kaocheng_policies", "kaocheng_plugins", "kaocheng_rulesets"):
    path = importlib.import_module(name).__file__ or ""
    if path.startswith(sys.argv[1] + "/"):
        sys.exit(f"{name} was imported from the sources, not from the wheel: {path}")
PYTHON
venv/bin/kaocheng --help > /dev/null
venv/bin/kaocheng check washington-breach

# A stranger's plugin, installed beside it, is used like what comes with the library.
(cd "$root/plugins/kaocheng-example" &&
  "$root/.venv/bin/python" -m hatchling build --target wheel --directory "$scratch/example")
"$python" -m pip --quiet --disable-pip-version-check install --no-deps "$scratch"/example/*.whl
cp -r "$root/plugins/kaocheng-example/example" .
venv/bin/kaocheng plugins | grep '^example  *kaocheng-example 0.1.0$'
venv/bin/kaocheng check example
venv/bin/kaocheng test example
venv/bin/kaocheng plan example | grep '^late_rate (rates)'
venv/bin/kaocheng schema | grep '"rates": {' > /dev/null
venv/bin/kaocheng explain example example/sample.jsonl --as-of 2024-12-31 --case unit/a --rule late_rate
"$python" -m pip --quiet --disable-pip-version-check install "$(echo "$wheel")[columns]" \
  --constraint "$root/requirements/dev.txt"
venv/bin/kaocheng test example --evaluator columns
rm -rf "$root/dist"
cp -r dist "$root/dist"
echo "the wheel is whole and works: dist/$(basename "$wheel")"
