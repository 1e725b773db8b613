#!/usr/bin/env bash
# Makes .venv in the repository root and installs Longhaul in it, with the pinned versions.
# Does nothing, and says nothing, when it is already there and up to date. Needs Python >= 3.11.
set -euo pipefail
cd "$(dirname "$0")/.."

# An up-to-date environment is one that was made from these very files.
stamp=.venv/longhaul-setup
wanted=$(cat pyproject.toml constraints.txt scripts/setup.sh | sha256sum)
[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0

say() { echo "setup: $*" >&2; }
python=${PYTHON:-python3}

# Each group of system packages is installed by itself: one that a distribution lacks, such as
# Debian's Chromium on Ubuntu, is no obstacle to the others.
updated=
system() { # WHAT IS MISSED WITHOUT IT, then groups of packages: the first one to be had is taken
    local without=$1 packages install
    shift
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        if [ -z "$updated" ]; then
            say "apt-get update"
            apt-get update -q >/dev/null 2>&1 || say "apt-get update failed; the lists stay as they are"
            updated=1
        fi
        for packages in "$@"; do
            install="apt-get install -y --no-install-recommends $packages"
            say "$install"
            # shellcheck disable=SC2086  # the packages of a group are several words
            DEBIAN_FRONTEND=noninteractive $install -q >/dev/null 2>&1 && return 0
        done
        say "apt-get could install none of: ${*/%/;} $without"
    else
        say "missing: $1. $without To add it: sudo apt-get install -y --no-install-recommends $1"
    fi
    return 1
}

PATH=$PATH:/usr/sbin:/sbin # where ldconfig is, which few users have on their path
library() { ldconfig -p 2>/dev/null | grep -q "$1"; }

"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    system "Without it there is no environment." python3-venv || exit 1
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || {
    say "Python >= 3.11 is needed, $python is $("$python" --version 2>&1 || true); set PYTHON"
    exit 1
}
{ library libEGL.so.1 && library libGL.so.1 && library libEGL_mesa.so.0; } ||
    system "Without it pictures are drawn by PyBullet's own renderer, which is slower." \
        "libegl1 libgl1 libegl-mesa0 libgl1-mesa-dri" || true
case $(command -v chromium-headless-shell || command -v chromium) in
    /usr/bin/*) ;; # where Longhaul looks for it
    *) system "Without it env=videowebarena does not run; nothing else needs a browser." \
        "chromium-headless-shell fonts-dejavu-core" "chromium fonts-dejavu-core" || true ;;
esac
command -v espeak-ng >/dev/null ||
    system "Without it the tutorials of env=videowebarena have no speech." espeak-ng || true

# A torch that is already there (a GPU image's own, say) stays; the environment sees it.
began=$SECONDS
say "makes .venv with $("$python" --version)"
if "$python" -c 'import torch' 2>/dev/null; then
    "$python" -m venv --system-site-packages .venv
else
    "$python" -m venv .venv
fi
pip() { .venv/bin/python -m pip --disable-pip-version-check "$@"; }
large='^ *(Downloading|Using cached) ([^ ]+) \(([0-9]{2,}[.0-9]* MB|[.0-9]+ GB)\)'
get() { # pip's own lines are some hundred; said is what is large, and that all is there
    pip install --progress-bar off "$@" | while IFS= read -r line; do
        if [[ $line =~ $large ]]; then
            say "  ${BASH_REMATCH[2]##*/}, ${BASH_REMATCH[3]}"
        elif [[ $line == "Installing collected packages: "* ]]; then
            say "  all is there; unpacking $(wc -w <<<"${line#*: }") packages"
        fi
    done
}
say "installs some 150 packages into .venv: 3 GB, or 8 GB with CUDA's libraries, in 2 to 10 minutes"
.venv/bin/python -c 'import torch' 2>/dev/null || get torch==2.13.0
# The distribution was called longhaul once; two of them would both bring the package.
pip show longhaul >/dev/null 2>&1 && pip uninstall --quiet --yes longhaul
rm -rf longhaul.egg-info
get --constraint constraints.txt --editable '.[dev,llm,memory,web,video,viewer,rerun]'
echo "$wanted" >"$stamp"
say "done in $((SECONDS - began)) s"
