"""Opens a live session in the browser from a composed configs/rollout.yaml."""

from __future__ import annotations

from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from longhaul.configs.rollouts import open_rollout
from longhaul.envs.specs import require_compatible
from longhaul.evaluation.viewer.documents import Documents
from longhaul.evaluation.viewer.live.routes import add_routes
from longhaul.evaluation.viewer.live.saving import Saving
from longhaul.evaluation.viewer.live.session import LiveSession
from longhaul.evaluation.viewer.serve import served
from longhaul.output import Output


def live(cfg: DictConfig, port: int, demos: Path | None, output: Output) -> None:
    """Serve a session of an env and a policy until Ctrl-C.

    `demos` is the folder of the dataset to which the user's demonstrations are added. Raises
    ConfigError for a configuration that is not valid.
    """
    OmegaConf.update(cfg, "workers", 1)  # slots of the policy
    output.patience_s = 0.0  # nothing else is said until the page is there
    ours = open_rollout(cfg, output)
    task, policy = ours.task, ours.policy
    require_compatible(task.conventions, policy.requirement)
    saving = None
    if demos is not None:
        # This import takes a third of a second, and only sessions with `demos` need it.
        from longhaul.demos.recording import Recording, demo_spec

        saving = Saving(Recording(demos, demo_spec(task.conventions), "all"))
    output.at("starting the session")
    session = LiveSession(task, policy, saving)
    names = [episode.id for episode in task.episodes]
    documents = Documents([], live=True)
    with served(documents, port, lambda app: add_routes(app, session, names)) as address:
        output.result_now({"address": address}, address)
        try:
            session.run()  # in this thread: a GL context and a browser can't change threads
        except KeyboardInterrupt:
            pass
        finally:
            session.close()
