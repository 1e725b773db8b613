"""Task files of all sorts: what could not be run or scored right has a named kind of defect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from longhaul.envs.videowebarena.episodes import Source
from longhaul.errors import ConfigError
from longhaul.webagents.check_tasks import main
from longhaul.webagents.tasks.addresses import localize
from longhaul.webagents.tasks.defects import REPEATED_ID, inspect, inspect_all
from longhaul.webagents.tasks.files import read_file

SITES = {"shopping": "http://shop.localhost", "gitlab": "http://forge.localhost:8080/"}


def task(**changes: Any) -> dict[str, Any]:
    """Return a sound task of the shop, changed."""
    evaluation = {"eval_types": ["string_match"], "reference_answers": {"must_include": ["red"]}}
    base = {
        **{"sites": ["shopping"], "task_id": 7, "start_url": "__SHOPPING__/hats"},
        **{"intent": "Which color has the hat?", "eval": evaluation, "require_login": False},
    }
    return {**base, **changes}


def answers(**rules: Any) -> dict[str, Any]:
    return task(eval={"eval_types": ["string_match"], "reference_answers": rules})


def url(reference: Any, **more: Any) -> dict[str, Any]:
    return task(eval={"eval_types": ["url_match"], "reference_url": reference, **more})


def target(**changes: Any) -> dict[str, Any]:
    found = {"url": "last", "locator": "", "required_contents": {"must_include": ["red"]}}
    return task(eval={"eval_types": ["program_html"], "program_html": [{**found, **changes}]})


def query(**changes: Any) -> dict[str, Any]:
    asked = [{"question": "Is it red?", "answer": "yes"}]
    found = {"eval_image_url": "last", "eval_image_class": ".photo", "eval_vqa": asked}
    evaluation = {"eval_types": ["page_image_query"], "page_image_query": [{**found, **changes}]}
    return task(eval=evaluation)


DEFECTIVE: list[tuple[Any, str]] = [
    (["no", "object"], "no object"),
    (task(task_id=None), "task_id"),
    (task(task_id=1.5), "task_id"),
    (task(task_id=" "), "task_id"),
    (task(sites="shopping"), "sites is no list"),
    (task(sites=[]), "sites is empty"),
    (task(sites=[None]), "sites is no list"),
    (task(intent=None), "intent"),
    (task(intent=["Buy", "a hat"]), "intent"),
    (task(intent="\n"), "intent"),
    (task(require_login="false"), "require_login"),
    (task(storage_state={"cookies": []}), "storage_state"),
    (task(video=3), "video"),
    (task(image=[{"url": "x.png"}]), "image"),
    (task(viewport_size={"width": 0, "height": 932}), "viewport_size"),
    (task(viewport_size={"width": "430"}), "viewport_size"),
    (task(viewport_size=[430, 932]), "viewport_size"),
    (task(viewport_size={"width": 10**9}), "viewport_size"),
    (task(viewport_size={"w": 430}), "viewport_size"),
    (task(geolocation={"latitude": 40.4, "longitude": -80.0}), "geolocation"),
    (task(start_url=None), "start_url is no text"),
    (task(start_url=["__SHOPPING__", "__SHOPPING__/b"]), "start_url is no text"),
    (task(start_url=""), "start_url is no text"),
    (task(start_url="__SHOP__/hats"), "start_url: unknown placeholder"),
    (task(start_url="__SHOPPING__ |AND| __shopping__/b"), "start_url: unknown placeholder"),
    (task(start_url="{SHOPPING}/hats"), "start_url: unknown placeholder"),
    (task(start_url="http://$SHOPPING:7770/"), "start_url: unknown placeholder"),
    (task(start_url="__SHOPPING__ |AND| "), "start_url is no address"),
    (task(start_url="__SHOPPING__hats"), "start_url is no address"),
    (task(start_url="hats.html"), "start_url is no address"),
    (task(start_url="file:///etc/passwd"), "start_url is no address"),
    (task(start_url="http://shop.localhost:99999/"), "start_url is no address"),
    (task(eval=None), "no eval"),
    (task(eval="string_match"), "no eval"),
    (task(eval={}), "no evaluator: eval_types is no list"),
    (task(eval={"eval_types": "string_match"}), "no evaluator: eval_types is no list"),
    (task(eval={"eval_types": []}), "no evaluator: eval_types is empty"),
    (task(eval={"eval_types": ["string_match"]}), "string_match without reference answers"),
    (task(eval={"eval_types": ["string_match"], "reference_answers": ["red"]}), "string_match: "),
    (task(eval={"eval_types": [None]}), "no evaluator: eval_types has something else"),
    (task(eval={"eval_types": [["string_match"]]}), "no evaluator: eval_types has something else"),
    (task(image={}), "image"),
    (task(comments=float("inf")), "a number is none"),
    (url("__SHOPPING__", url_note=["EXACT"]), "url_match: url_note is no text"),
    (answers(must_include=[]), "string_match: must_include is empty"),
    (answers(must_include=["red", " "]), "string_match: must_include has an empty text"),
    (answers(must_include=["red |OR| "]), "string_match: must_include has an empty text"),
    (answers(must_include=["''"]), "string_match: must_include has an empty text"),
    (answers(must_include=["&nbsp;"]), "string_match: must_include has an empty text"),
    (answers(must_include="red"), "string_match: must_include is no list"),
    (answers(must_include=None), "string_match: must_include is no list"),
    (answers(must_include=[True]), "string_match: must_include is no list"),
    (answers(must_include=[["red", "blue"]]), "string_match: must_include is no list"),
    (answers(exact_match=["red", "blue"]), "string_match: exact_match is no text"),
    (answers(exact_match=""), "string_match: exact_match has an empty text"),
    (answers(exact_match=None), "string_match: exact_match is no text"),
    (answers(fuzzy_match=[]), "string_match: fuzzy_match is empty"),
    (answers(fuzzy_match=""), "string_match: fuzzy_match has an empty text"),
    (answers(fuzzy_match={"a": "b"}), "string_match: fuzzy_match is no text"),
    (answers(one_of=[]), "string_match: one_of is empty"),
    (answers(must_exclude=[]), "string_match: must_exclude is empty"),
    (answers(must_exclude=["blue"]), "string_match: only must_exclude"),
    (answers(required_values=["about 5"]), "string_match: required_values has no bound"),
    (answers(required_values=["> 1.2.3"]), "string_match: required_values has no bound"),
    (answers(required_values=["=> 5"]), "string_match: required_values has no bound"),
    (answers(required_values=[">= 5 |OR| many"]), "string_match: required_values has no bound"),
    (answers(required_values=[]), "string_match: required_values is empty"),
    (url(None), "url_match without a reference_url"),
    (url(["__SHOPPING__/a", "__SHOPPING__/b"]), "url_match: reference_url is no text"),
    (url("__STORE__/a"), "url_match: reference_url: unknown placeholder"),
    (url("hats/red", url_note="EXACT"), "url_match: reference_url is no address"),
    (url("__SHOPPING__ |OR| ", url_note="GOLD in PRED"), "url_match: reference_url has an empty"),
    (url("__STORE__/a", url_note="GOLD in PRED"), "url_match: reference_url: unknown placeholder"),
    (task(eval={"eval_types": ["program_html"], "program_html": []}), "program_html without"),
    (task(eval={"eval_types": ["program_html"], "program_html": {"url": "last"}}), "program_html "),
    (target(url=None), "program_html: url is no text"),
    (target(url=["last"]), "program_html: url is no text"),
    (target(url="__STORE__/cart"), "program_html: url: unknown placeholder"),
    (target(locator=None), "program_html: locator is no text"),
    (target(prep_actions="document.body.click()"), "program_html: prep_actions"),
    (target(required_contents={}), "program_html: required_contents has no rule"),
    (target(required_contents={"must_include": []}), "program_html: must_include is empty"),
    (target(required_contents={"must_include": [""]}), "program_html: must_include has an empty"),
    (target(required_contents={"exact_match": ["a"]}), "program_html: exact_match is no text"),
    (target(required_contents={"exact_match": ""}), "program_html: exact_match is empty"),
    (target(required_contents={"required_values": ["5"]}), "program_html: required_values has no"),
    (task(eval={"eval_types": ["page_image_query"], "page_image_query": []}), "page_image_query "),
    (query(eval_vqa=[]), "page_image_query with an empty query"),
    (query(eval_vqa=[{"question": "Is it red?"}]), "page_image_query: eval_vqa needs"),
    (
        query(eval_vqa=[{"question": "Is it red?", "answer": ""}]),
        "page_image_query: eval_vqa needs",
    ),
    (query(eval_vqa="Is it red?"), "page_image_query: eval_vqa is no list"),
    (query(eval_image_url=None), "page_image_query: eval_image_url is no text"),
    (query(eval_image_class=None), "page_image_query: eval_image_class is no text"),
    (query(eval_fuzzy_image_match=["a.png"]), "page_image_query: eval_fuzzy_image_match"),
    (query(ssim_threshold="0.6"), "page_image_query: ssim_threshold"),
    (query(ssim_threshold=float("nan")), "a number is none"),
    (query(ssim_threshold=0), "page_image_query: ssim_threshold"),
    (
        task(intermediate_intent="Which hat?", intermediate_eval={"reference_answers": {}}),
        "intermediate_eval: the rules are no object",
    ),
    (
        task(
            intermediate_intent="Which hat?",
            intermediate_eval={"reference_answers": {"must_include": []}},
        ),
        "intermediate_eval: must_include is empty",
    ),
]


@pytest.mark.parametrize(("raw", "kind"), DEFECTIVE)
def test_a_task_that_cannot_be_right_has_a_named_defect(raw: Any, kind: str) -> None:
    finding = inspect(raw)
    assert finding.state == "defective" and finding.kind.startswith(kind), finding
    assert finding.kind != "malformed"


@pytest.mark.parametrize(
    "raw",
    [
        task(),
        task(task_id="seven"),
        task(start_url=" __SHOPPING__ "),
        task(start_url="http://shop.localhost/x |AND| __SHOPPING__?q=1"),
        task(viewport_size={"width": 430}),
        task(image="", video=None, storage_state=None, geolocation=None),
        answers(fuzzy_match="N/A"),
        answers(must_include=["red |OR| blue", 5], must_exclude=["green"]),
        answers(required_values=[">= 1,000", "< 5 |OR| == 9"]),
        url("__SHOPPING__/blob/main/hats/__init__.py"),
        url("hats/red"),
        target(url="__last_url__?page=2"),
        target(url="func:shopping_get_latest_order_url()"),
        target(locator="document.title", required_contents={"exact_match": ""}),
        target(required_contents={"must_exclude": ["sold out"]}),
        query(eval_vqa=None, eval_fuzzy_image_match="__SHOPPING__/a.png", ssim_threshold=0.6),
    ],
)
def test_a_sound_task_is_mapped(raw: dict[str, Any]) -> None:
    assert inspect(raw).state == "mapped", inspect(raw)


def test_a_task_that_begins_where_it_ends_is_noted() -> None:
    assert inspect(url("__SHOPPING__/hats/")).notes == (
        "the start page has the reference_url: an agent that does nothing may be right",
    )
    assert not inspect(url("__SHOPPING__/hats/red")).notes


@pytest.mark.parametrize("value", [3, ["a"], None, {}])
def test_an_unknown_rule_is_unsupported_whatever_its_value(value: Any) -> None:
    finding = inspect(answers(contains=value))
    assert (finding.state, finding.kind) == ("unsupported", "rule")


def test_a_part_of_an_address_is_found_within_one() -> None:
    """An empty url_note names no rule, and no address ever equals a part of one."""
    found = inspect(url("hats/red", url_note="")).task
    assert found is not None and found.evaluation.url_rule == "GOLD in PRED"
    found = inspect(url("__SHOPPING__/hats", url_note="")).task
    assert found is not None and found.evaluation.url_rule == "EXACT"


@pytest.mark.parametrize("ids", [(3, 3), (3, "3"), ("a", "a")])
def test_tasks_of_one_id_are_defective_all_of_them(ids: tuple[Any, Any]) -> None:
    tasks = [task(task_id=ids[0]), task(task_id=9), task(task_id=ids[1], eval=None)]
    first, other, last = inspect_all(tasks)
    assert first.kind == last.kind == REPEATED_ID and other.state == "mapped"
    apart = inspect_all([task(), task(sites=["gitlab"], start_url="__GITLAB__")])
    assert [finding.state for finding in apart] == ["mapped", "mapped"]


def write(path: Path, data: Any) -> Path:
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def test_a_key_twice_in_one_object_is_a_defect_of_its_task_alone(tmp_path: Path) -> None:
    text = json.dumps([task(), task(task_id=8)])
    once = '"must_include": ["red"]'
    twice = text.replace(once, f'{once}, "must_include": []', 1)
    first, second = inspect_all(read_file(write(tmp_path / "tasks.json", twice)))
    assert first.kind.startswith("a key is there twice") and first.detail == "must_include"
    assert second.state == "mapped"


FORMS = {
    "list": lambda tasks: json.dumps(tasks),
    "list with a mark": lambda tasks: "\ufeff" + json.dumps(tasks),
    "lines": lambda tasks: "\n".join(map(json.dumps, tasks)) + "\n",
    "lines with a mark, and a blank one": lambda tasks: (
        "\ufeff" + "\r\n\r\n".join(map(json.dumps, tasks))
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_list_and_lines_are_one_split(form: str, tmp_path: Path) -> None:
    write(tmp_path / "hats.json", FORMS[form]([task(), task(task_id=8)]))
    source = Source(str(tmp_path), SITES)
    assert source.splits == ("hats",)
    assert [found.id for found in source.episodes("hats", None, 0)] == ["shopping-7", "shopping-8"]


def test_files_of_one_task_each_are_one_split_with_or_without_a_mark(tmp_path: Path) -> None:
    write(tmp_path / "0.json", json.dumps(task(), indent=1))
    write(tmp_path / "1.json", "\ufeff" + json.dumps(task(task_id=8)))
    (split,) = Source(str(tmp_path), SITES).splits
    assert split == tmp_path.name.split(".")[0]


def test_files_with_one_beginning_are_splits_of_their_own(tmp_path: Path) -> None:
    for name in ("test.raw.json", "test.hard.json", "train.json"):
        write(tmp_path / name, [task()])
    assert set(Source(str(tmp_path), SITES).splits) == {"test.raw.json", "test.hard.json", "train"}


def test_what_cannot_run_is_left_out_by_name_and_counted(tmp_path: Path) -> None:
    tasks = [
        task(),
        task(task_id=1, sites=["map"], start_url="__MAP__/"),
        task(task_id=2, sites=["shopping", "wikipedia"]),
        task(task_id=3, eval=url("__REDDIT__/f/hats")["eval"]),
        task(task_id=4, start_url="http://elsewhere.example/"),
        task(task_id=5, intent=None),
        task(task_id=6, sites=["gitlab"], start_url="http://FORGE.localhost:8080/me"),
    ]
    write(tmp_path / "hats.json", tasks)
    source = Source(str(tmp_path), SITES)
    assert [found.id for found in source.episodes("hats", None, 0)] == ["shopping-7", "gitlab-6"]
    assert source.remarks("hats") == [
        "left out: 1 of 7 tasks (map-1): env.sites has no address of map",
        "left out: 1 of 7 tasks (shopping-wikipedia-2): env.sites has no address of wikipedia",
        "left out: 1 of 7 tasks (shopping-3): env.sites has no address of reddit",
        "left out: 1 of 7 tasks (shopping-4): it starts on a page of no site in env.sites",
        "left out: 1 of 7 tasks (5): defective: intent is no text",
    ]


def test_a_split_of_which_nothing_is_left_says_why(tmp_path: Path) -> None:
    write(tmp_path / "hats.json", [answers(must_include=[])])
    with pytest.raises(ConfigError, match=r"no task is left.*1 of 1 tasks.*must_include is empty"):
        Source(str(tmp_path), SITES).episodes("hats", 1, 0)


def test_check_tasks_counts_the_kinds_and_the_sites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = [task(task_id=number, intent=None if number else "x") for number in range(20)]
    write(tmp_path / "hats.json", [*tasks, answers(must_include=[]) | {"task_id": 20}, "no task"])
    write(tmp_path / "subset.json", {"task_ids": [1, 2]})
    assert main([str(tmp_path), "--sites", "gitlab"]) == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    first = ", ".join(map(str, range(1, 13)))
    assert f"19 defective: intent is no text (None): task {first} and 7 more" in lines
    assert "1 left out without shopping: task 0" in lines
    assert lines[-1] == "22 tasks, 1 mapped, 21 defective"
    assert any(line.startswith("subset.json: skipped:") for line in lines)


ODD = (None, [], "", " ", 5, -1, True, {}, [None], [[]], ["x"], "x", {"a": 1}, float("nan"))
"""What may stand in the place of any value."""

VERIFIED = {
    **{key: task()[key] for key in ("sites", "task_id", "intent")},
    "start_urls": ["__SHOPPING__"],
    "eval": [
        {
            "evaluator": "AgentResponseEvaluator",
            "expected": {
                "task_type": "retrieve",
                "status": "SUCCESS",
                "retrieved_data": [{"name": "hat", "colors": ["red", "blue"], "price": 5}],
            },
            "results_schema": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string"},
                        "colors": {"type": "array", "items": {"type": "string"}},
                        "price": {"type": "number", "format": "currency"},
                    },
                },
            },
        }
    ],
}


def changed(value: Any) -> Iterator[Any]:
    """Yield a JSON value with each of its parts left out, and replaced by each of ODD."""
    if not isinstance(value, dict | list):
        return
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        for other in (*ODD, *changed(value[key])):
            copy = value.copy()
            copy[key] = other
            yield copy
        copy = value.copy()
        del copy[key]
        yield copy


WHOLE = {
    "answers": answers(must_include=["red |OR| blue"], required_values=[">= 5"], fuzzy_match="N/A"),
    "address": url("__SHOPPING__/hats", url_note="GOLD in PRED") | {"viewport_size": {"width": 9}},
    "page": target(prep_actions=["document.body.click()"], required_contents={"exact_match": "a"}),
    "picture": query(eval_fuzzy_image_match="__SHOPPING__/a.png", ssim_threshold=0.6),
    "response": VERIFIED,
}


@pytest.mark.parametrize("name", WHOLE)
def test_whatever_stands_in_a_task_it_is_mapped_or_has_a_kind(name: str) -> None:
    assert inspect(WHOLE[name]).state == "mapped", inspect(WHOLE[name])
    for raw in changed(WHOLE[name]):
        finding = inspect(raw)
        assert finding.kind != "malformed", (raw, finding)
        if finding.task is not None:
            json.dumps(localize({**raw, "image": None}, SITES), allow_nan=False)
            assert finding.task.intent.strip() and all(finding.task.start_urls)
