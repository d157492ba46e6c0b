#!/usr/bin/env bash
# Installs what the tests need from PyPI (moto's server, boto3, the aws CLI) into a virtualenv of its own.
#
#   tests/setup.sh        makes or refreshes the virtualenv, prints its bin folder on stdout
#
# VPCRUN_TEST_ENV says where it goes; the default is target/test-env in this repository. Needs python3 with venv and
# pip. Run again it returns at once, unless tests/requirements.txt or the Python interpreter changed.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
requirements=$here/requirements.txt
env=${VPCRUN_TEST_ENV:-$(dirname -- "$here")/target/test-env}
stamp=$env/requirements.stamp

die() { printf 'tests/setup.sh: %s\n' "$@" >&2; exit 1; }

command -v python3 >/dev/null ||
  die 'python3 is missing.' \
    'Install Python 3.10 or newer (Debian: apt-get install python3 python3-venv) and run this again.'
python3 -c 'import ensurepip, venv' 2>/dev/null ||
  die "$(command -v python3) cannot make virtual environments." \
    'Debian: apt-get install python3-venv, then run this again.'

# The stamp names the interpreter too: a virtualenv breaks when the Python under it is replaced.
wanted=$(python3 - "$requirements" <<'PY'
import hashlib, sys
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest(), sys.version.split()[0], sys.base_prefix)
PY
)
ready() { [[ -x $env/bin/moto_server && $(cat "$stamp" 2>/dev/null) == "$wanted" ]]; }

if ! ready; then
  mkdir -p "$(dirname -- "$env")"
  if command -v flock >/dev/null; then # two test runs at once: the second waits, then finds it ready
    exec 9>"$env.lock"
    flock 9
  fi
  if ! ready; then
    echo "installing $(grep -v '^#' "$requirements" | paste -sd ' ') into $env" >&2
    python3 -m venv --clear "$env"
    "$env/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$requirements" >&2 ||
      die 'pip could not install tests/requirements.txt (its message is above).' \
        'Check the network or PIP_INDEX_URL, then run this again.'
    printf '%s\n' "$wanted" >"$stamp" # last, so that an interrupted install is done again
  fi
fi
echo "$env/bin"
