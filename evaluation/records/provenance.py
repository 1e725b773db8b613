"""The provenance of a run: configuration, code, packages and machine, and which of it is its
identity."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
import sys
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import longhaul
from longhaul.errors import ConfigError
from longhaul.files import file_hash
from longhaul.inside import Folder
from longhaul.secrets import hidden_words, without

PROVENANCE_FILE = "provenance.json"

FREE_KEYS = frozenset(
    {
        *("episodes", "workers", "videos", "logger", "run_dir", "engine", "save_actions"),
        *("retry_errors", "out", "sheet", "explain", "mixed", "intervals", "profile"),
        *("json", "quiet"),
    }
)
"""Config keys that change how a run is carried out, but never what a scripted policy scores."""

FREE_ENV_KEYS = frozenset({"static_layer"})
"""Options of an env that change how pictures are drawn, but no picture."""

FORMER_NAMES = {"randomize": "randomise"}
"""The names that keys had in version 0.1. Identities keep these names, so that a run of version 0.1
is found and continued."""

LATER_OPTIONS: Mapping[str, Any] = {"resample": None, "history": "anew"}
"""Options that version 0.1 lacked, each with the value that stands for what it did. Identities
leave such a value out."""

PACKAGE_PREFIX = "longhaul."
"""The package of all classes since version 0.2. Identities leave it out, as in version 0.1."""

FORMER_TARGETS = {
    "policies.mgdm.learning.decision_learner.MgdmLearner": "policies.mgdm.learning.MgdmLearner",
    "policies.mgdm.learning.encoder_learner.EncoderLearner": (
        "policies.mgdm.encoder_learning.EncoderLearner"
    ),
}
"""Where classes lay in version 0.1 that have moved since; identities name the former place."""


def identity(
    config: Mapping[str, Any], env: Mapping[str, str], policy: Mapping[str, str]
) -> dict[str, Any]:
    """Return what two commands must share to continue the same run.

    That is the resolved config without the keys in FREE_KEYS and FREE_ENV_KEYS, with the hash of
    the checkpoint in place of its path, and what env and policy say about themselves (the renderer
    really used, the dataset's hash, ...). Names that have changed since 0.1 are written in their
    old form. Secrets are left out: a run is the same with another token.
    """
    kept = {key: value for key, value in config.items() if key not in FREE_KEYS}
    if isinstance(env_options := kept.get("env"), Mapping):
        kept["env"] = {k: v for k, v in env_options.items() if k not in FREE_ENV_KEYS}
    if kept.get("checkpoint"):
        kept["checkpoint"] = file_hash(Path(kept["checkpoint"]))
    ours = {"config": with_former_names(kept), "env": dict(env), "policy": dict(policy)}
    return dict(without(ours))


def require_same(
    folder: Path, identity: Mapping[str, Any], origin: Mapping[str, Any], mixed: bool = False
) -> None:
    """Raise ConfigError unless a folder's provenance.json has this identity and version.

    `origin` is the result of `collect` in this process; `mixed` allows another version of Longhaul.
    """
    document = Folder(folder).read_object(PROVENANCE_FILE)
    theirs_identity = document.get("identity")
    if not isinstance(theirs_identity, Mapping):
        raise ConfigError(f"{folder / PROVENANCE_FILE} has no identity: choose another run_dir")
    theirs_kept = without(theirs_identity)  # of a version that still wrote secrets
    found = differences(theirs_kept, json.loads(json.dumps(identity)))
    if found:
        raise ConfigError(
            f"run_dir={folder} belongs to another configuration ({'; '.join(found)}): "
            "choose another run_dir"
        )
    theirs, ours = _version(document), _version(origin)
    if theirs and ours and theirs != ours and not mixed:
        raise ConfigError(
            f"run_dir={folder} was begun by Longhaul {theirs}, and this is {ours}: "
            "choose another run_dir, or continue it with mixed=allow"
        )


def _version(document: Mapping[str, Any]) -> str | None:
    """Return the version of Longhaul in a provenance; None if it has none."""
    packages = document.get("packages")
    if not isinstance(packages, Mapping):
        return None
    found = packages.get("longhaul-suite") or packages.get("longhaul")
    return None if found is None else str(found)


def with_former_names(tree: Any) -> Any:
    """Return a configuration or an identity as version 0.1 would have written it."""
    if isinstance(tree, list | tuple):
        return [with_former_names(value) for value in tree]
    if not isinstance(tree, Mapping):
        return tree
    renamed = {
        FORMER_NAMES.get(key, key): with_former_names(value)
        for key, value in tree.items()
        if key not in LATER_OPTIONS or value != LATER_OPTIONS[key]
    }
    if isinstance(target := renamed.get("_target_"), str):
        target = target.removeprefix(PACKAGE_PREFIX)
        renamed["_target_"] = FORMER_TARGETS.get(target, target)
    return renamed


def short_hash(identity: Mapping[str, Any]) -> str:
    """Return the 8 hex digits that end a default run folder's name."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:8]


def differences(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> list[str]:
    """Return one text `key: theirs there, ours here` for each value that differs."""
    left, right = _flat(with_former_names(theirs)), _flat(with_former_names(ours))
    return [
        f"{key}: {_show(left, key)} there, {_show(right, key)} here"
        for key in sorted(left.keys() | right.keys())
        if _show(left, key) != _show(right, key)
    ]


def collect(seed: int, device: str) -> dict[str, Any]:
    """Return code version, packages and machine, as plain JSON."""
    return {
        "git": _git(Path(longhaul.__file__).parents[1]),
        "packages": _packages(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": _cpu(),
        "device": device,
        "seed": seed,
        "command": hidden_words(sys.argv),
    }


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        flat.update(_flat(value, f"{name}.") if isinstance(value, Mapping) else {name: value})
    return flat


def _show(values: Mapping[str, Any], key: str) -> str:
    return json.dumps(values[key]) if key in values else "nothing"


def _git(root: Path) -> dict[str, Any] | None:
    def ask(*arguments: str) -> str:
        # Without its optional lock git writes nothing into the checkout.
        command = ["git", "--no-optional-locks", "-C", str(root), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    if not (root / ".git").exists():
        return None
    try:
        return {"commit": ask("rev-parse", "HEAD"), "dirty": bool(ask("status", "--porcelain"))}
    except (OSError, subprocess.CalledProcessError):
        return None


def _packages() -> dict[str, str]:
    """Return the versions of Longhaul and of the packages that it depends on."""
    versions = {}
    for requirement in ["longhaul-suite", *(metadata.requires("longhaul-suite") or [])]:
        name = re.split(r"[^A-Za-z0-9._-]", requirement)[0]
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # an extra that is not installed
    return versions


def _cpu() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return platform.processor()
    match = re.search(r"model name\s*:\s*(.+)", text)
    return match.group(1) if match else platform.processor()
