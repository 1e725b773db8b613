"""A run's folder: config.yaml, provenance.json, episodes.jsonl, summary.json, videos/, actions/.

A folder belongs to one identity. After an interruption the same command continues the run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from longhaul.envs.episode import Episode, EpisodeRecord
from longhaul.errors import ConfigError
from longhaul.evaluation.records.code import Made
from longhaul.evaluation.records.origins import told_before, with_session
from longhaul.evaluation.records.provenance import PROVENANCE_FILE, require_same
from longhaul.evaluation.records.store import EpisodeStore
from longhaul.files import PARTIAL, partial, remove_tree, replace_file
from longhaul.identifiers import file_name, shown
from longhaul.inside import Folder
from longhaul.secrets import hidden

SUMMARY_FILE = "summary.json"


class RunFolder:
    """An open run folder; after it is closed, another process may open it.

    `mixed` allows a run that another version of Longhaul began. Raises ConfigError, before anything
    is written, if `path` belongs to another identity or, unless `mixed`, to another version, if it
    holds something else than a run, if it is in use, or if it holds a link: what is written through
    a link would land elsewhere.
    """

    def __init__(
        self,
        path: Path,
        config: str,
        identity: Mapping[str, Any],
        provenance: Mapping[str, Any],
        mixed: bool = False,
    ) -> None:
        self.path, self._origin, self._mixed = path, provenance, mixed
        self._require_ours(identity)
        path.mkdir(parents=True, exist_ok=True)
        self.store = EpisodeStore(path / "episodes.jsonl")
        self._require_ours(identity)  # again, now that no other process can write it
        if not (path / PROVENANCE_FILE).exists():
            replace_file(path / "config.yaml", config)
            document = {"identity": identity, **provenance}
            replace_file(path / PROVENANCE_FILE, json.dumps(hidden(document), indent=2) + "\n")
        for leftover in path.glob(f"*/*{PARTIAL}"):
            remove_tree(leftover, inside=path)

    def __enter__(self) -> RunFolder:
        return self

    def __exit__(self, *_: object) -> None:
        self.store.close()

    def missing(self, episodes: Iterable[Episode]) -> list[Episode]:
        """Return the episodes without a record, in their order.

        Raises ConfigError if a record's episode differs from the one that now has its id.
        """
        todo = []
        for episode in episodes:
            record = self.store.records.get(episode.id)
            if record is None:
                todo.append(episode)
            elif json.dumps(record.episode.to_json()) != json.dumps(hidden(episode.to_json())):
                raise ConfigError(
                    f"run_dir={self.path} holds another episode {episode.id} than the env now "
                    "offers (its episodes have changed since): choose another run_dir"
                )
        return todo

    def take_up(
        self, episodes: Sequence[Episode], made: Made, retry_errors: bool, remembers: str = ""
    ) -> tuple[list[Episode], str]:
        """Return the episodes to play, and a sentence on those that are there already, or "".

        With `retry_errors` the error records of these episodes are taken out. If there is something
        to play, the provenance names `made`, which the new records are made with. Raises
        ConfigError, before anything changes, as `missing` does, and if `made` is not what the
        remaining records were made with, unless `mixed` (longhaul.evaluation.records.origins). An
        env that `remembers` (longhaul.envs.hooks.Remembers) can't go on where a run stopped, which
        raises it too.
        """
        self.missing(episodes)
        records = self.store.records.values()
        document = self.provenance()
        planned = {episode.id for episode in episodes}
        retried = {r.id for r in records if r.status == "error" and r.id in planned}
        kept = [r for r in records if not (retry_errors and r.id in retried)]
        name = f"run_dir={self.path}"
        there = {record.id for record in kept}
        if remembers and there and planned - there:
            raise ConfigError(
                f"{name} has {len(there)} episodes, and with {remembers} no others can follow: an "
                "episode depends on those before it in the same process, and that one has ended; "
                "choose another run_dir"
            )
        told = told_before(name, kept, planned, document, made, self._mixed)
        if len(kept) < len(records):
            self.store.drop(retried)
        todo = self.missing(episodes)
        if todo:
            session = with_session(document, made, self._origin.get("command", []))
            replace_file(self.path / PROVENANCE_FILE, json.dumps(hidden(session), indent=2) + "\n")
        return todo, told

    def records_of(self, episodes: Sequence[Episode]) -> list[EpisodeRecord]:
        """Return the records that there are of these episodes."""
        planned = {episode.id for episode in episodes}
        return [record for record in self.store.records.values() if record.id in planned]

    def provenance(self) -> dict[str, Any]:
        """Return what provenance.json holds."""
        return Folder(self.path).read_object(PROVENANCE_FILE)

    def file(self, folder: str, episode: Episode, suffix: str) -> Path:
        """Return the path of an episode's file, and make its folder.

        Raises ConfigError for a folder that is a link.
        """
        place = self.path / folder
        if place.is_symlink():
            raise ConfigError(f"{place} is a link: a run writes into its own folder alone")
        place.mkdir(exist_ok=True)
        return self.path / folder / f"{file_name(episode.id)}{suffix}"

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Write summary.json atomically."""
        replace_file(self.path / SUMMARY_FILE, json.dumps(hidden(summary), indent=2) + "\n")

    def read_summary(self) -> dict[str, Any]:
        """Return the last summary, or {} if there is none. Raises ConfigError for a broken one."""
        try:
            return Folder(self.path).read_object(SUMMARY_FILE)
        except FileNotFoundError:
            return {}

    def _require_ours(self, identity: Mapping[str, Any]) -> None:
        for entry in self.path.iterdir() if self.path.is_dir() else ():
            if entry.is_symlink():
                raise ConfigError(
                    f"run_dir={self.path} holds a link, {shown(entry.name)}: put what it leads to "
                    "there itself, or choose another run_dir"
                )
        written = self.path / PROVENANCE_FILE
        if written.exists():
            require_same(self.path, identity, self._origin, self._mixed)
        elif self.path.is_file() or (self.path.is_dir() and not self._is_fresh()):
            raise ConfigError(f"run_dir={self.path} exists and is not the folder of a run")

    def _is_fresh(self) -> bool:
        """Return True for an empty folder, or for one whose creation a crash interrupted."""
        records, written = self.path / "episodes.jsonl", self.path / PROVENANCE_FILE
        config = self.path / "config.yaml"
        ours = {file.name for file in (records, config, partial(config), partial(written))}
        return {entry.name for entry in self.path.iterdir()} <= ours and not (
            records.exists() and records.stat().st_size
        )
