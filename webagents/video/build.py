"""Builds a method to read videos from a configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from longhaul.errors import unknown
from longhaul.language.build import Embed, build_embeddings
from longhaul.language.chat import ChatModel
from longhaul.webagents.errors import MissingError
from longhaul.webagents.video.contract import Understanding
from longhaul.webagents.video.methods import Frames, NoVideo, Summary, Transcript
from longhaul.webagents.video.ocr import Reader
from longhaul.webagents.video.retrieval import Retrieval
from longhaul.webagents.video.transcript import Transcriber


@dataclass(frozen=True)
class Options:
    """How a video is read.

    Attributes:
        frames: The number of pictures, evenly spread over the video's time.
        ocr: True reads the text in the pictures; False leaves that to a model that takes images.
        clip_s: The length of a clip in seconds, for retrieval.
        top: The number of clips that retrieval uses, those nearest to the task.
        speech_model: A folder of a faster-whisper model, for videos without captions.
        listen: True transcribes the speech even if the video has captions.
    """

    frames: int = 8
    ocr: bool = True
    clip_s: float = 4
    top: int = 3
    speech_model: str | None = None
    listen: bool = False


def build_understanding(
    name: str, model: ChatModel | None, options: Options, embed: Embed | None = None
) -> Understanding:
    """Return a method by its name in VIDEO_METHODS. `model` writes summaries and describes clips;
    `embed` gives sentence embeddings (MiniLM if None).

    Raises MissingError for an unknown name, a missing folder, or a missing model, and SetupError
    for a package that is not installed.
    """
    if name not in VIDEO_METHODS:
        raise MissingError(unknown(f"agent {name}", VIDEO_METHODS))
    return VIDEO_METHODS[name](model, options, embed)


def _frames(options: Options) -> Frames:
    return Frames(options.frames, Reader() if options.ocr else None)


def _transcriber(options: Options) -> Transcriber:
    return Transcriber(options.speech_model, options.listen)


def _summary(model: ChatModel | None, options: Options, embed: Embed | None) -> Understanding:
    if model is None:
        raise MissingError("a summary is written by a chat model: endpoint, local or scripted")
    return Summary(model, _frames(options), _transcriber(options))


def _retrieval(model: ChatModel | None, options: Options, embed: Embed | None) -> Understanding:
    embed = embed or build_embeddings()
    transcriber = _transcriber(options)
    return Retrieval(embed, Reader(), transcriber, model, options.clip_s, options.top)


VIDEO_METHODS: Mapping[str, Callable[[ChatModel | None, Options, Embed | None], Understanding]] = {
    "base": lambda model, options, embed: NoVideo(),
    "frames": lambda model, options, embed: _frames(options),
    "transcript": lambda model, options, embed: Transcript(_transcriber(options)),
    "summary": _summary,
    "retrieval": _retrieval,
}
"""The methods to read a video, by the agents' names."""
