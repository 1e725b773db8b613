"""The command line of scripts/rollout.py: defaults, sweeps, and one line for a user's error."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
import yaml
from hydra.errors import HydraException

from longhaul.commands.rollout import main
from longhaul.configs.app import one_line, run
from longhaul.configs.filling import compose
from longhaul.evaluation.records.store import EpisodeStore
from tests.evaluation.running import TOY_CONFIG, toy_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and beside it a config folder with the toy env."""
    working = toy_folder(tmp_path)
    monkeypatch.chdir(working)
    return working


def rollout(*arguments: str, options: tuple[str, ...] = ()) -> int:
    base = ["env=toy", "policy=random", "episodes=2", "workers=1"]
    return main(["--config-dir", "../configs", *options, *base, *arguments])


def test_a_run_has_all_its_files_and_nothing_else(folder: Path) -> None:
    assert rollout("videos.first=1", "videos.failures=0", "save_actions=true") == 0
    assert [path.name for path in folder.iterdir()] == ["runs"]
    (path,) = (folder / "runs").iterdir()
    assert path.name.startswith("toy-random-") and len(path.name) == len("toy-random-") + 8
    files = {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}
    assert files == {
        "config.yaml",
        "provenance.json",
        "episodes.jsonl",
        "summary.json",
        "log.txt",
        "videos/test-0000.mp4",
        "actions/test-0000.npy",
        "actions/test-0001.npy",
    }
    assert yaml.safe_load((path / "config.yaml").read_text())["split"] == "test"
    summary = json.loads((path / "summary.json").read_text())
    assert sum(summary["status"].values()) == 2 and summary["trained"] is None
    assert summary["timing"]["env_steps_per_s"] > 0 and summary["timing"]["policy_ms"] > 0
    provenance = json.loads((path / "provenance.json").read_text())
    assert provenance["identity"]["env"] == {"renderer": "toy"}
    assert provenance["packages"]["numpy"] and provenance["seed"] == 0


def test_more_episodes_extend_a_run_and_the_same_ones_do_nothing(folder: Path) -> None:
    assert rollout("episodes=2") == 0
    (path,) = (folder / "runs").iterdir()
    first = (path / "episodes.jsonl").read_text()
    timing = json.loads((path / "summary.json").read_text())["timing"]
    assert rollout("episodes=2", "workers=2") == 0
    assert (path / "episodes.jsonl").read_text() == first
    assert json.loads((path / "summary.json").read_text())["timing"] == timing
    assert rollout("episodes=4") == 0
    assert [entry.name for entry in (folder / "runs").iterdir()] == [path.name]
    assert (path / "episodes.jsonl").read_text().startswith(first)
    ids = [json.loads(line)["id"] for line in (path / "episodes.jsonl").read_text().splitlines()]
    assert sorted(ids) == [f"test-000{i}" for i in range(4)]


def test_fewer_episodes_have_a_result_of_their_own(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert rollout("episodes=3", "run_dir=a", "policy=hold") == 0
    whole, lines = Path("a/summary.json").read_text(), Path("a/episodes.jsonl").read_text()
    capfd.readouterr()
    assert rollout("episodes=1", "run_dir=a", "policy=hold") == 0
    out, err = capfd.readouterr()
    assert out.strip().endswith("1 episode") and "episodes: 0 success, 0 failure, 1 timeout" in out
    assert "over the 1 asked for of 3 episodes; a/summary.json is over all\n" in err
    assert Path("a/summary.json").read_text() == whole
    assert Path("a/episodes.jsonl").read_text() == lines
    assert rollout("episodes=2", "run_dir=a", "policy=hold", "--json") == 0
    told = json.loads(capfd.readouterr().out)
    assert sum(told["status"].values()) == 2 and told["run_dir"] == "a" and told["played"] == 0


def test_errors_behind_the_episodes_asked_for_are_kept(folder: Path) -> None:
    faults = {"test-0000": "raise", "test-0002": "raise"}
    Path("../configs/env/toy.yaml").write_text(yaml.safe_dump({**TOY_CONFIG, "faults": faults}))
    assert rollout("episodes=3", "run_dir=a") == 1
    assert rollout("episodes=1", "run_dir=a", "retry_errors=true") == 1
    lines = map(json.loads, Path("a/episodes.jsonl").read_text().splitlines())
    assert sorted(line["id"] for line in lines) == ["test-0000", "test-0001", "test-0002"]


def test_options_may_stand_between_keys(folder: Path) -> None:
    assert main(["env=toy", "--multirun", "policy=random", "seed=0,1", "--config-dir", "../configs",
                 "episodes=1", "workers=1"]) == 0  # fmt: skip
    assert len(list((folder / "runs").iterdir())) == 2


def test_a_sweep_makes_one_run_per_value(folder: Path) -> None:
    assert rollout("seed=0,1,2", "episodes=1", options=("-m",)) == 0
    assert [path.name for path in folder.iterdir()] == ["runs"]
    assert len(list((folder / "runs").iterdir())) == 3


def test_parts_stand_in_every_record_and_in_the_identity(folder: Path) -> None:
    assert rollout("policy=expert", "run_dir=expert") == 0
    for line in Path("expert/episodes.jsonl").read_text().splitlines():
        assert json.loads(line)["parts"] == {"expert": "act"}
        assert json.loads(line)["status"] == "success"
    summary = json.loads(Path("expert/summary.json").read_text())
    assert summary["parts"] == {"expert": "act"}
    assert summary["provenance"]["identity"]["config"]["policy"]["parts"] == {"expert": "act"}


def test_a_run_can_be_replayed_from_its_executed_actions(folder: Path) -> None:
    assert rollout("policy=expert", "run_dir=expert", "save_actions=true") == 0
    assert rollout("policy=replay", "policy.actions=expert/actions", "run_dir=replay") == 0
    seen = []
    for name in ("expert", "replay"):
        records = map(json.loads, Path(f"{name}/episodes.jsonl").read_text().splitlines())
        seen.append([(r["id"], r["status"], r["steps"], r["outcomes"]) for r in records])
    assert seen[0] == seen[1] and seen[0][0][1] == "success"


def test_a_key_of_a_mapping_without_names_is_added_by_a_plus() -> None:
    extra = "policy.backends.endpoint.extra.temperature"
    with pytest.raises(HydraException) as caught:
        compose("rollout", ["policy=web_agent", "env=videowebarena", f"{extra}=null"])
    assert one_line(caught.value) == f"{extra} is new there; +{extra}=VALUE adds it"
    made = compose("rollout", ["policy=web_agent", "env=videowebarena", f"+{extra}=null"])
    assert made.policy.backends.endpoint.extra == {"temperature": None}


@pytest.mark.parametrize(
    ("argument", "line"),
    [
        ("policy=foo", "policy=foo is unknown; valid: cliport, cliport_published, dagger"),
        ("env=foo", "env=foo is unknown; valid: "),
        ("logger=foo", "logger=foo is unknown; valid: none, wandb"),
        ("split=foo", "split=foo is unknown; valid: test, other"),
        ("device=foo", "device=foo is unknown; valid: cpu, cuda, auto"),
        ("foo=1", "foo is unknown; valid: checkpoint, device, engine, env, episodes, "),
        ("env.foo=1", "env.foo is unknown; valid: "),
        ("+env.foo=1", "env.foo is unknown; valid: "),
        ("env.color=blue", "env.color=blue is unknown; valid: red, green"),
        ("env.id=Foo-v0", "env.id=Foo-v0 is unknown; valid: longhaul/"),
        ("env.id=CartPole-v1", "env.id=CartPole-v1 is unknown; valid: longhaul/"),
        ("policy=replay", "policy.actions must be given"),
        ("policy._target_=os.system", "policy._target_=os.system is not allowed"),
        ("+policy.foo=1", "policy.foo is unknown; valid: none"),
        ("checkpoint=foo", "checkpoint=foo is not a file"),
        ("videos=0", "videos=0 must hold first; set videos.first=..."),
        ("episodes=0", "episodes=0 must be a whole number, at least 1"),
        ("episodes=many", "episodes=many must be a whole number, at least 1"),
        ("workers=1.5", "workers=1.5 must be a whole number, at least 1"),
        ("engine.hang_s=-1", "engine.hang_s=-1 must be a number, at least 0.1"),
        ("logger.kind=foo", "logger.kind=foo is unknown; valid: none, wandb"),
        ("env=toy=toy", "mismatched input '='"),
        ("run_dir=../configs", "run_dir=../configs exists and is not the folder of a run"),
    ],
)
def test_a_users_error_is_one_line_and_nothing_is_written(
    argument: str, line: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert rollout(argument) == 2
    out, err = capfd.readouterr()
    assert out == "" and err.count("\n") == 1
    assert err.startswith(f"error: {line}")
    assert not list(folder.iterdir())


def test_conventions_that_do_not_fit_are_one_line(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("../configs/env/toy.yaml").write_text(yaml.safe_dump({**TOY_CONFIG, "mode": "absolute"}))
    assert rollout("policy=hold") == 2
    assert "action.mode: policy wants 'delta', env has 'absolute'" in capfd.readouterr().err
    assert not list(folder.iterdir())


def test_another_configuration_in_run_dir_is_one_line(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert rollout("run_dir=a") == 0
    capfd.readouterr()
    assert rollout("run_dir=a", "env.color=green", "seed=3") == 2
    err = capfd.readouterr().err
    assert err.startswith("error: run_dir=a belongs to another configuration (config.env.color: ")
    assert '"red" there, "green" here; config.seed: 0 there, 3 here' in err


def test_in_a_sweep_one_wrong_value_does_not_stop_the_others(folder: Path) -> None:
    assert rollout("env.color=blue,green", "episodes=1", options=("-m",)) == 2
    assert len(list((folder / "runs").iterdir())) == 1


def test_a_fault_of_the_program_keeps_its_traceback(folder: Path) -> None:
    def broken(config: object, output: object) -> None:
        raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError, match="a bug"):
        run(broken, "rollout", ["--config-dir", "../configs", "policy=random", "env=toy"])


def test_a_folder_that_may_not_be_written_is_one_line(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def refused(config: object, output: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "runs")

    words = ["--config-dir", "../configs", "policy=random", "env=toy"]
    assert run(refused, "rollout", words) == 1
    told = "error: runs: Permission denied; choose a folder that may be written\n"
    assert capfd.readouterr().err == told


def test_a_file_that_may_not_be_read_is_one_line(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(config: object, output: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", "demo.h5")

    Path("demo.h5").touch()
    monkeypatch.setattr("os.access", lambda path, mode: False)  # root may read everything
    words = ["--config-dir", "../configs", "policy=random", "env=toy"]
    assert run(refused, "rollout", words) == 1
    told = "error: demo.h5: Permission denied; make it readable for this user\n"
    assert capfd.readouterr().err == told


def test_a_run_whose_every_episode_fails_stops_early(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    faults = {f"test-{i:04d}": "raise" for i in range(50)}
    Path("../configs/env/toy.yaml").write_text(yaml.safe_dump({**TOY_CONFIG, "faults": faults}))
    assert rollout("episodes=50", "run_dir=a", "engine.max_errors=4") == 1
    _, mark, told = capfd.readouterr().err.partition("error: ")
    first, *traceback = told.strip().splitlines()
    assert mark and first.startswith("the last 4 episodes ended in an error")
    assert "Traceback" in traceback[0] and traceback[-1].startswith("RuntimeError: ")
    assert len(Path("a/episodes.jsonl").read_text().splitlines()) == 4


def test_a_run_of_errors_says_the_first_cause(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    faults = {"test-0000": "raise", "test-0001": "raise"}
    Path("../configs/env/toy.yaml").write_text(yaml.safe_dump({**TOY_CONFIG, "faults": faults}))
    assert rollout("episodes=2") == 1
    told = [line for line in capfd.readouterr().err.splitlines() if "ended in an error" in line]
    assert len(told) == 1
    assert told[0].startswith("test-000") and told[0].endswith(
        "RuntimeError: this step was told to fail"
    )


def test_errors_are_attempted_again_when_asked(folder: Path) -> None:
    scratch = folder.parent / "struck"
    scratch.mkdir()
    faults = {"test-0001": "raise_once"}
    text = yaml.safe_dump({**TOY_CONFIG, "faults": faults, "scratch": str(scratch)})
    Path("../configs/env/toy.yaml").write_text(text)

    def statuses() -> list[str]:
        lines = Path("a/episodes.jsonl").read_text().splitlines()
        return sorted(json.loads(line)["status"] for line in lines)

    assert rollout("episodes=3", "run_dir=a") == 1
    assert statuses().count("error") == 1
    assert rollout("episodes=3", "run_dir=a") == 1
    assert statuses().count("error") == 1
    assert rollout("episodes=3", "run_dir=a", "retry_errors=true") == 0
    assert len(statuses()) == 3 and "error" not in statuses()


def test_a_run_folder_in_use_is_one_line(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert rollout("run_dir=a", "episodes=1") == 0
    capfd.readouterr()
    with EpisodeStore(Path("a/episodes.jsonl")):
        assert rollout("run_dir=a") == 2
    out, err = capfd.readouterr()
    assert (out, err) == ("", "error: run_dir=a is in use by another process\n")


def test_only_wandb_asked_for_logs_and_then_offline(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    assert rollout("logger=wandb", "run_dir=a") == 0
    (run_folder,) = Path("a/wandb").glob("offline-run-*")
    assert list(run_folder.glob("*.wandb"))
