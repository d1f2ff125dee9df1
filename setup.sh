#!/usr/bin/env bash
# Makes a bare Debian 12 (git, make, Python 3.11) ready for Guichet; a second run ends within a second.
# Usage: ./setup.sh   (through make; PYTHON=... chooses another interpreter)
set -euo pipefail
cd "$(dirname "$0")"

packages=(
  gcc libc6-dev make pcscd libpcsclite-dev opensc openssl                   # card reader, driver, outside clients
  python3-dev python3-venv                                                  # pyscard comes as source
  libglib2.0-0 libgl1 libegl1 libfontconfig1 libdbus-1-3 libxkbcommon0     # Qt
  libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxkbcommon-x11-0
  libfribidi0                                                              # Arabic on paper
  alsa-utils                                                               # the tone of a card left behind
  xvfb xdotool x11-utils dbus at-spi2-core python3-gi gir1.2-atspi-2.0     # a virtual screen and its reader
  chromium poppler-utils                                                   # the desk page in a real browser, PDFs
  postgresql-15                                                            # the back office's other database
)
python="${PYTHON:-python3}"

say() { printf 'setup: %s\n' "$*" >&2; }

missing() {
  local package
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s ' "$package"
  done
}

no_service() { # yes|no: postgresql-15 would make a cluster and start it; ours are private (`guichet demo --database postgresql`)
  local note=/etc/postgresql-common/createcluster.d/guichet-setup.conf
  if [ "$1" = yes ]; then
    $sudo mkdir -p "${note%/*}"
    echo 'create_main_cluster = false' | $sudo tee "$note" >/dev/null
  else
    $sudo rm -f "$note"
  fi
}

install_packages() {
  local wanted=$1 sudo=
  [ -z "$wanted" ] && return 0
  if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      sudo=sudo
    else
      say "these Debian packages are missing, and neither root nor sudo is at hand. Install them with:"
      say "  apt-get install --no-install-recommends $wanted"
      exit 1
    fi
  fi
  say "installing Debian packages: $wanted"
  $sudo apt-get update -qq
  no_service yes
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $wanted >/dev/null
  no_service no
}

install_python() {
  local stamp=.venv/.guichet-lock
  if [ ! -x .venv/bin/python ]; then
    "$python" -c 'import sys; sys.exit(not ((3, 11) <= sys.version_info[:2] < (3, 13)))' ||
      { say "Python 3.11 or 3.12 is needed, '$python' is $("$python" -V 2>&1). Set PYTHON=/path/to/python3.11"; exit 1; }
    "$python" -m venv .venv || { say "python3-venv is missing: apt-get install python3-venv"; exit 1; }
  fi
  if ! cmp -s requirements.lock "$stamp"; then
    say "installing the locked Python dependencies into .venv"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
    cp requirements.lock "$stamp"
  fi
  if [ ! -x .venv/bin/guichet ] || [ pyproject.toml -nt .venv/bin/guichet ]; then
    PYTHONWARNINGS=ignore .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
    touch .venv/bin/guichet
  fi
}

install_packages "$(missing)"
install_python
make --silent -C devices/simulators/ifd
