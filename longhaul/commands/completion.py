"""Shell completion of commands, keys, values and options."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from longhaul.commands import commands, module_of
from longhaul.errors import complain, unknown

BASH = """\
_longhaul() {
    local line=${COMP_LINE:0:COMP_POINT} IFS=$'\\n'
    local word=${line##*[[:space:]]}
    COMPREPLY=($(longhaul --complete "$line" 2>/dev/null))
    # Bash begins a new word at = and :, so what stands before the last of them is there already.
    local there=${word%"${word##*[=:]}"}
    COMPREPLY=("${COMPREPLY[@]#"$there"}")
    [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]] && compopt -o nospace
}
complete -o default -F _longhaul longhaul"""

ZSH = """\
#compdef longhaul
_longhaul() {
    local -a found
    found=("${(@f)$(longhaul --complete "${(j: :)words[1,CURRENT]}" 2>/dev/null)}")
    found=(${found:#})
    if (( ${#found} )); then compadd -Q -S '' -- $found; else _files; fi
}
compdef _longhaul longhaul"""

FISH = """\
complete -c longhaul -a '(longhaul --complete (commandline -cp) 2>/dev/null)'"""

SHELLS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
FOLDERS = {"train": "training"}
"""Where under configs/ the YAML of a command lies, if not in configs/ itself."""

CONFIGS = {"rollout": "rollout", "record": "record", "train": "train", "generate": "generate"}
CONFIGS |= {"rejudge": "rejudge", "view": "rollout", "ablate": "rollout", "mgdm-picture": "rollout"}
"""The YAML whose keys a command takes, without its ending."""


def main(name: str, arguments: Sequence[str]) -> int:
    """Print a shell's script for `completion SHELL`, or what `--complete LINE` may become."""
    if name == "completion":
        shell = arguments[0] if arguments else ""
        if shell not in SHELLS:
            return complain(unknown(f"shell {shell}".strip(), list(SHELLS)))
        print(SHELLS[shell])
        return 0
    print("\n".join(complete(" ".join(arguments))))
    return 0


def complete(line: str) -> list[str]:
    """Return what the last word of a command line may become; [] where files are meant.

    A word that begins behind a blank is empty.
    """
    words = [*line.split(), *([""] if line.endswith(" ") else [])][1:]
    *before, word = words or [""]
    if not before:
        return [name for name in [*commands(), "completion"] if name.startswith(word)]
    command, *chosen = before
    if command not in commands():
        return list(SHELLS) if command == "completion" else []
    found: list[str] = []
    if not word.startswith("-") and command in CONFIGS:
        from longhaul.configs.app import keys_of
        from longhaul.configs.help import candidates

        keys = keys_of(CONFIGS[command], chosen, FOLDERS.get(command, "."))
        found = candidates(keys, word)
    elif word.startswith("-"):
        parser = getattr(import_module(module_of(command)), "parser", None)
        found = parser().options() if parser else ["--help", "--plugin", "--json", "--quiet"]
    return [text for text in found if text.startswith(word)]
