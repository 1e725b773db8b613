"""Makes a run folder with another judge's scores from a composed configs/rejudge.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf
from rich.console import Console

from longhaul.configs.build import config_text
from longhaul.envs.videowebarena.referee import Referee, rejudge
from longhaul.errors import ConfigError
from longhaul.evaluation.comparison.compare import Run, read_run
from longhaul.evaluation.comparison.several import Comparisons, compare_runs
from longhaul.evaluation.records.provenance import collect
from longhaul.evaluation.records.run_folder import RunFolder
from longhaul.evaluation.reports.report import summarize
from longhaul.identifiers import shown
from longhaul.language.errors import LanguageError
from longhaul.webagents.errors import JudgeError


def rejudge_run(cfg: DictConfig, console: Console) -> Comparisons:
    """Judge a run's episodes again and return the comparison of the first scores with the new ones.

    The judge is named in the new run folder's identity and records. After an interruption the same
    command continues. Raises ConfigError for a configuration that is not valid, and if the judge
    gives no verdict.
    """
    config: Any = OmegaConf.to_container(cfg, resolve=True, throw_on_missing=True)
    run = read_run(Path(config["run"]))
    identity = _identity(run)
    rules: Any = config["rules"] or identity["env"]["rules"]
    referee = Referee(rules, config["judge"], models=config["models"])
    ours = {**identity, "judged": {**referee.provenance(), "first": identity["env"]}}
    name = f"{run.path.name}-judged-{referee.judge.hash}"
    path = Path(config["out"] or run.path.with_name(name))
    origin = {**collect(0, "cpu"), "judged": str(run.path)}
    with RunFolder(path, config_text(config), ours, origin) as folder:
        console.print(f"judge: {referee.judge}; run folder: {path}")
        for record in run.records.values():
            if record.id not in folder.store.records:
                try:
                    folder.store.append(rejudge(record, referee))
                except (LanguageError, JudgeError) as error:
                    raise ConfigError(f"judge={config['judge']}, {record.id}: {error}") from None
                except (LookupError, TypeError, ValueError, AttributeError) as error:
                    told = f"run={run.path}: the ending of {shown(record.id)} can't be judged again"
                    raise ConfigError(f"{told} ({error!r})") from None
        provenance = {"identity": ours, **origin}
        records = list(folder.store.records.values())
        trained, timing = run.summary["trained"], run.summary.get("timing", {})
        kind = run.summary.get("intervals", "wilson")
        folder.write_summary(summarize(records, trained, timing, provenance, kind))
    return compare_runs([run, read_run(path)], force=False)


def _identity(run: Run) -> dict[str, Any]:
    """Return a run's identity. Raises ConfigError if the run cannot be judged again."""
    identity: dict[str, Any] = run.summary["provenance"].get("identity", {})
    silent = [r.id for r in run.records.values() if r.status != "error" and not r.ending]
    if "rules" not in identity.get("env", {}) or silent:
        raise ConfigError(
            f"run={run.path} keeps no endings to judge ({len(silent)} episodes): give a run of "
            "env=videowebarena, made anew if it is older than the endings"
        )
    return identity
