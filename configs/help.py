"""The keys of one command: a sentence each, their defaults, and the groups to choose from.

An option's sentence is that of the class which the YAML file names (configs/signatures.py); any
other key's is the comment that stands behind it in its file. A group's sentence is the comment at
the head of the chosen file. Both the text of `--help` and shell completion read them.
"""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from longhaul.configs.filling import ONE_OF, ONLY, OPTIONS, TARGET
from longhaul.configs.signatures import Option, classes_of, options_of, sentences_of

KEY_COLUMN_WIDTH = 34
"""The width in characters of the column that holds a key and its default."""


@dataclass(frozen=True)
class Key:
    """A key of the command line, its default as YAML writes it, and what it means."""

    name: str
    default: str
    sentence: str


@dataclass(frozen=True)
class Group:
    """A choice among files, `name=choice`; `keys` are those of the chosen file."""

    name: str
    choice: str
    valid: tuple[str, ...]
    sentence: str
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Keys:
    """What a command's configuration offers: keys of its own, and groups."""

    own: tuple[Key, ...]
    groups: tuple[Group, ...]


def read_keys(folders: Sequence[Path], config_name: str, overrides: Sequence[str]) -> Keys:
    """Compose a configuration with overrides and return all its keys.

    `folders` are searched for its files in their order, the command's own first. A configuration
    that can't be composed raises Hydra's exceptions.
    """
    with initialize_config_dir(str(folders[0].resolve()), version_base="1.3"):
        config = compose(config_name, list(overrides), return_hydra_config=True)
        loader = GlobalHydra.instance().config_loader()
        chosen = loader.compute_defaults_list(config_name, list(overrides), RunMode.RUN).defaults
        choices: Mapping[str, Any] = config.hydra.runtime.choices
        groups: list[Group] = []
        own: tuple[Key, ...] = ()
        for item in chosen:
            path, package = str(item.config_path), item.package or ""
            if path == "hydra" or path.startswith("hydra/") or package.startswith("hydra"):
                continue
            head, keys = _keys_of(folders, path, package, config)
            if item.primary:
                own = tuple(keys)
                continue
            group, _, choice = path.rpartition("/")
            name = next((n for n in choices if n in (group, f"{group}@{package}")), group)
            valid = tuple(dict.fromkeys(loader.get_group_options(group)))
            groups.append(Group(name, choice, valid, head, tuple(keys)))
    owned = {key.name for group in groups for key in group.keys}
    own = tuple(key for key in own if key.name not in owned)
    return Keys(own, tuple(sorted(groups, key=lambda group: "@" in group.name)))


def describe(keys: Keys, usage: str, about: str, width: int | None = None) -> str:
    """Return the text of `--help`, `width` characters wide; None means the terminal's width."""
    width = width or shutil.get_terminal_size().columns
    lines = [f"usage: {usage}", "", *_paragraphs(about, width), "groups:"]
    for group in keys.groups:
        text = f"{group.sentence} One of: {', '.join(group.valid)}.".strip()
        lines += _row(f"{group.name}={group.choice}", text, width)
    lines += ["", "keys:"]
    lines += [line for key in keys.own for line in _row(*_shown(key), width)]
    for group in keys.groups:
        if group.keys:
            lines += ["", f"keys of {group.name}={group.choice}:"]
            lines += [line for key in group.keys for line in _row(*_shown(key), width)]
    return "\n".join(lines)


def candidates(keys: Keys, word: str) -> list[str]:
    """Return the completions of a word of the command line: a group's choices, or keys with `=`."""
    name, equals, _ = word.partition("=")
    if equals:
        valid = [group.valid for group in keys.groups if group.name == name]
        return list(dict.fromkeys(f"{name}={choice}" for names in valid for choice in names))
    names = [group.name for group in keys.groups]
    names += [key.name for key in keys.own]
    names += [key.name for group in keys.groups for key in group.keys]
    return [f"{name}=" for name in dict.fromkeys(names)]


def _keys_of(
    folders: Sequence[Path], path: str, package: str, config: DictConfig
) -> tuple[str, list[Key]]:
    """Return the sentence at a file's head, and its keys, which have no sentences without a file
    (the options of an entry point)."""
    text = next((f.read_text() for f in (d / f"{path}.yaml" for d in folders) if f.is_file()), "")
    sentences = dict(_sentences(text))
    node = OmegaConf.select(config, package) if package else config
    prefix = f"{package}." if package else ""
    if not text and node:  # an entry point has no file
        said = sentences_of(str(node.get(TARGET, "")))
        sentences = {str(key): said.get(str(key), "") for key in node if key != TARGET}
    keys = [
        Key(prefix + name, _default(config, prefix + name), sentence)
        for name, sentence in sentences.items()
    ]
    head = [line.lstrip("# ") for line in _leading_comments(text) if "python scripts/" not in line]
    return " ".join(head), keys


def _sentences(text: str) -> Iterator[tuple[str, str]]:
    """Yield the dotted names of a file's values, including options that it leaves out, each with
    its sentence."""
    root = yaml.compose(text) if text else None
    if isinstance(root, yaml.MappingNode):
        yield from _walk(root, "", text.splitlines(), {})


def _walk(
    node: yaml.MappingNode, prefix: str, lines: Sequence[str], options: Mapping[str, Option]
) -> Iterator[tuple[str, str]]:
    """`options` are those of the group that a mapping is, where it is one."""
    held = {key.value: (key, value) for key, value in node.value}
    said = {name: option.sentence for name, option in options.items()}
    for path in (held[key][1].value for key in (TARGET, OPTIONS) if key in held):
        options, said = options_of(path), sentences_of(path)
    if ONE_OF in held:
        yield from _of_any(classes_of(held[ONE_OF][1].value), prefix)
    only = {name.value for name in held[ONLY][1].value} if ONLY in held else set(options)
    for name in dict.fromkeys([*(o for o in options if o in only), *held]):
        full = f"{prefix}{name}"
        if full in ("defaults", "hydra", "id") or name in (TARGET, OPTIONS, ONLY, ONE_OF):
            continue
        if name not in held:
            yield from _told(full, options[name])
            continue
        key, value = held[name]
        sentence = " ".join(filter(None, (said.get(name), _comment(lines, key.start_mark.line))))
        if isinstance(value, yaml.MappingNode) and value.value and not value.flow_style:
            inside = options[name].options if name in options else {}
            yield from _headed(sentence, _walk(value, f"{full}.", lines, inside))
        else:
            yield full, sentence


def _told(name: str, option: Option) -> Iterator[tuple[str, str]]:
    """Yield an option, or those inside it."""
    if not option.options:
        yield name, option.sentence
        return
    inside = (told for key, o in option.options.items() for told in _told(f"{name}.{key}", o))
    yield from _headed(option.sentence, inside)


def _of_any(classes: Sequence[str], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the options of each class. Class and default stand behind the sentence, as an option of
    the same name is another one in another class."""
    told: dict[str, list[str]] = {}
    for path in classes:
        for name, option in options_of(path).items():
            owner, default = path.rpartition(".")[2], _in_yaml(option.default)
            told.setdefault(name, []).append(f"{option.sentence} ({owner}; by default {default})")
    for name, sentences in told.items():
        yield f"{prefix}{name}", " ".join(sentences)


def _headed(sentence: str, rows: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield rows; what is said of them all stands before the first one's sentence."""
    for name, own in rows:
        yield name, " ".join(filter(None, (sentence, own)))
        sentence = ""


def _comment(lines: Sequence[str], number: int) -> str:
    """Return the comment at the end of a line, with the comment lines that follow it."""
    _, mark, text = lines[number].partition("  #")
    found = [text.strip()] if mark else []
    for line in lines[number + 1 :]:
        if not (line.startswith(" ") and line.lstrip().startswith("#")):
            break
        found.append(line.strip("# "))
    return " ".join(found)


def _leading_comments(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not line.startswith("#"):
            return
        yield line


def _default(config: DictConfig, name: str) -> str:
    parent, _, last = name.rpartition(".")
    node: Any = OmegaConf.select(config, parent) if parent else config
    if node is None or last not in node:
        return ""
    if OmegaConf.is_missing(node, last):
        return "???"
    if OmegaConf.is_interpolation(node, last):
        try:
            return str(node[last])
        except Exception:  # an interpolation that only a run resolves
            return ""
    value = node[last]
    return _in_yaml(OmegaConf.to_container(value) if OmegaConf.is_config(value) else value)


def _in_yaml(plain: Any) -> str:
    text = yaml.safe_dump(plain, default_flow_style=True, width=10**6)
    return text.removesuffix("\n").removesuffix("\n...")


def _shown(key: Key) -> tuple[str, str]:
    if key.default == "???":
        return f"{key.name}=", f"{key.sentence} (must be given)".strip()
    return f"{key.name}={key.default}", key.sentence


def _paragraphs(text: str, width: int) -> list[str]:
    """Return a docstring's lines: paragraphs are wrapped to the width, indented lines are kept."""
    lines: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        code = paragraph.startswith(" ")
        lines += [*(paragraph.split("\n") if code else _wrapped(paragraph, width, "")), ""]
    return lines


def _row(left: str, right: str, width: int) -> list[str]:
    """Return the lines of a row of two columns; a long left text gets a line of its own."""
    body = _wrapped(right, width, " " * (KEY_COLUMN_WIDTH + 3))
    if len(left) > KEY_COLUMN_WIDTH or not body:
        return [f"  {left}", *body]
    return [f"  {left:{KEY_COLUMN_WIDTH}} {body[0].lstrip()}", *body[1:]]


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    return textwrap.wrap(
        text, max(width, 60), initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
