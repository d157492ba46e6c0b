#!/usr/bin/env bash
# Installs what the tests need and cargo does not bring into a folder of its own: from PyPI moto's server, boto3, the
# aws CLI and Ansible (a virtualenv), from npm the AWS SDK for JavaScript.
#
#   tests/setup.sh        makes or refreshes the folder, prints its bin folder on stdout
#
# VPCRUN_TEST_ENV says where it goes; the default is target/test-env in this repository. Needs Python with venv and pip,
# and Node.js with npm. Run again it returns at once, unless what is wanted or an interpreter changed.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
requirements=$here/requirements.txt
packages=$here/clients/javascript
env=${VPCRUN_TEST_ENV:-$(dirname -- "$here")/target/test-env}

die() { printf 'tests/setup.sh: %s\n' "$@" >&2; exit 1; }

command -v python3 >/dev/null ||
  die 'python3 is missing.' \
    'Install Python 3.11 or newer (Debian: apt-get install python3 python3-venv) and run this again.'
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  die "$(command -v python3) is $(python3 --version), and Ansible needs Python 3.11 or newer (Debian 12 has it)."
python3 -c 'import ensurepip, venv' 2>/dev/null ||
  die "$(command -v python3) cannot make virtual environments." \
    'Debian: apt-get install python3-venv, then run this again.'
for program in node npm; do
  command -v $program >/dev/null ||
    die "$program is missing." \
      'Install Node.js 20 or newer with npm (Debian 13: apt-get install nodejs npm) and run this again.'
done
node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' ||
  die "$(command -v node) is Node.js $(node --version), and the AWS SDK for JavaScript needs 20 or newer." \
    'Debian 13: apt-get install nodejs npm; older ones: the packages of deb.nodesource.com.'

# The stamps name the interpreters too: a virtualenv breaks when the Python under it is replaced.
digest() {
  cat "$@" | python3 -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'
}
python_wanted="$(digest "$requirements") $(python3 -c 'import sys; print(sys.version.split()[0], sys.base_prefix)')"
javascript_wanted="$(digest "$packages/package.json" "$packages/package-lock.json") $(node --version)"
python_ready() {
  [[ -x $env/bin/moto_server && -x $env/bin/ansible-playbook ]] &&
    [[ $(cat "$env/requirements.stamp" 2>/dev/null) == "$python_wanted" ]]
}
javascript_ready() {
  [[ -d $env/javascript/node_modules ]] &&
    [[ $(cat "$env/javascript.stamp" 2>/dev/null) == "$javascript_wanted" ]]
}

# A stamp is written last, so that an interrupted install is done again.
install_python() {
  echo "installing $(grep -v '^#' "$requirements" | paste -sd ' ') into $env" >&2
  python3 -m venv --clear "$env"
  "$env/bin/python" -m pip install --quiet --disable-pip-version-check --no-compile --requirement "$requirements" >&2 ||
    die 'pip could not install tests/requirements.txt (its message is above).' \
      'Check the network or PIP_INDEX_URL, then run this again.'
  printf '%s\n' "$python_wanted" >"$env/requirements.stamp"
}
install_javascript() {
  echo "installing $packages/package-lock.json into $env/javascript" >&2
  mkdir -p "$env/javascript"
  cp "$packages/package.json" "$packages/package-lock.json" "$env/javascript"
  npm ci --prefix "$env/javascript" --cache "$env/javascript/npm-cache" --ignore-scripts --no-audit --no-fund \
    --loglevel=error >&2 ||
    die 'npm could not install tests/clients/javascript/package-lock.json (its message is above).' \
      'Check the network or npm_config_registry, then run this again.'
  printf '%s\n' "$javascript_wanted" >"$env/javascript.stamp"
}

if ! { python_ready && javascript_ready; }; then
  mkdir -p "$(dirname -- "$env")"
  if command -v flock >/dev/null; then # two test runs at once: the second waits, then finds it ready
    exec 9>"$env.lock"
    flock 9
  fi
  python_ready || install_python
  javascript_ready || install_javascript
fi
echo "$env/bin"
