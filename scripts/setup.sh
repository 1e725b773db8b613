#!/usr/bin/env bash
# Makes .venv in the repository root and installs Longhaul in it, with the pinned versions.
# Does nothing when it is already there and up to date. Needs Python >= 3.11.
set -euo pipefail
cd "$(dirname "$0")/.."

# An up-to-date environment is one that was made from these very files.
stamp=.venv/longhaul-setup
wanted=$(cat pyproject.toml constraints.txt scripts/setup.sh | sha256sum)
[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0

python=${PYTHON:-python3}
missing=()
"$python" -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
for library in libEGL.so.1:libegl1 libGL.so.1:libgl1 libEGL_mesa.so.0:libegl-mesa0; do
    ldconfig -p | grep -q "${library%%:*}" || missing+=("${library##*:}")
done
[ -x /usr/bin/chromium-headless-shell ] || [ -x /usr/bin/chromium ] ||
    missing+=(chromium-headless-shell fonts-dejavu-core)
command -v espeak-ng >/dev/null || missing+=(espeak-ng)
if [ ${#missing[@]} -gt 0 ]; then
    install="apt-get install -y --no-install-recommends ${missing[*]} libgl1-mesa-dri"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "setup: $install"
        { apt-get update -q && DEBIAN_FRONTEND=noninteractive $install -q; } >/dev/null
    else
        echo "setup: system packages are missing; install them with: sudo $install" >&2
        # Without EGL the renderer falls back to PyBullet's own, without Chromium there is no
        # env=videowebarena and the viewer's tests fail; without venv nothing works.
        case " ${missing[*]} " in *" python3-venv "*) exit 1 ;; esac
    fi
fi
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "setup: Python >= 3.11 is needed, $python is $("$python" --version); set PYTHON" >&2
    exit 1
}

# A torch that is already there (a GPU image's own, say) stays; the environment sees it.
if "$python" -c 'import torch' 2>/dev/null; then
    "$python" -m venv --system-site-packages .venv
else
    "$python" -m venv .venv
fi
pip() { .venv/bin/python -m pip --disable-pip-version-check -qq "$@"; }
.venv/bin/python -c 'import torch' 2>/dev/null || pip install torch==2.13.0
# The distribution was called longhaul once; two of them would both bring the package.
.venv/bin/python -m pip show longhaul >/dev/null 2>&1 && pip uninstall --yes longhaul
rm -rf longhaul.egg-info
pip install --constraint constraints.txt --editable '.[dev,llm,memory,web,video,viewer,rerun]'
echo "$wanted" >"$stamp"
