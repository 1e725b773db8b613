"""The speech of a video: a tutorial's own captions, or speech recognition."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from longhaul.documents import read_json
from longhaul.language.errors import optional
from longhaul.webagents.errors import MissingError, VideoError
from longhaul.webagents.video.contract import Line
from longhaul.webagents.video.frames import measure
from longhaul.webagents.video.truth import Truth, truth_path


class Transcriber:
    """Reads the captions beside a video, or recognizes its speech. `model` is a folder with a
    faster-whisper model (CTranslate2); without it a video must have captions. With `listen` the
    speech is recognized even if there are captions.

    Raises MissingError for a folder without a model.
    """

    def __init__(self, model: str | None = None, listen: bool = False) -> None:
        if model is not None and not (Path(model) / "model.bin").is_file():
            raise MissingError(f"no speech model in {model}; valid: a folder with model.bin")
        if listen and model is None:
            raise MissingError("to listen takes a speech model; set video.speech_model=FOLDER")
        self._model, self._listen = model, listen
        self._whisper: Any = None

    @property
    def name(self) -> str:
        """The source of the words."""
        return (
            "heard" if self._listen else "captions" if self._model is None else "captions or heard"
        )

    def __call__(self, video: Path) -> tuple[Line, ...]:
        """Return the speech, in order of time. Raises VideoError for a video that is missing or
        broken, or that has no captions if there is no model."""
        measure(video)
        captions = truth_path(video)
        if captions.is_file() and not self._listen:
            return _read(captions)
        if self._model is None:
            raise VideoError(
                f"{video} has no captions beside it; set video.speech_model=FOLDER to listen"
            )
        return self._hear(video)

    def _hear(self, video: Path) -> tuple[Line, ...]:
        if self._whisper is None:
            whisper = optional("faster_whisper", "speech")
            self._whisper = whisper.WhisperModel(
                self._model, device="cpu", compute_type="int8", local_files_only=True
            )
        segments, _ = self._whisper.transcribe(str(video), beam_size=5)
        return tuple(Line(s.start, s.end, "speech", s.text.strip()) for s in segments)


def _read(path: Path) -> tuple[Line, ...]:
    try:
        truth = Truth.from_json(read_json(path))
    except (ValueError, TypeError, KeyError) as error:
        raise VideoError(f"{path} holds no captions: {error}; delete it and record again") from None
    return tuple(Line(s.start, s.end, "speech", s.text) for s in truth.sayings)
