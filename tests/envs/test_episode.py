"""Records survive their JSON form exactly."""

import json

from hypothesis import given
from hypothesis import strategies as st

from longhaul.envs.episode import Episode, EpisodeRecord, Subtask, SubtaskOutcome

texts = st.text(max_size=20)
floats = st.floats(allow_nan=False, allow_infinity=False)
plain = st.dictionaries(texts, st.one_of(texts, floats, st.lists(floats, max_size=3)), max_size=3)
steps = st.integers(0, 10_000)
subtasks = st.builds(Subtask, name=texts, instruction=texts, gt_steps=steps, goal=plain)
episodes = st.builds(
    Episode,
    id=st.text(min_size=1, max_size=20),
    seed=st.integers(0, 2**63),
    instruction=texts,
    subtasks=st.lists(subtasks, max_size=5).map(tuple),
    start=plain,
)
outcomes = st.builds(
    SubtaskOutcome,
    name=texts,
    gt_steps=steps,
    started=st.booleans(),
    success=st.booleans(),
    start_step=st.none() | steps,
    end_step=st.none() | steps,
    oracle_success=st.booleans(),
    measures=st.dictionaries(texts, floats, max_size=3),
)


def outcomes_of(episode: Episode) -> st.SearchStrategy[tuple[SubtaskOutcome, ...]]:
    return st.tuples(*(outcomes for _ in episode.subtasks))


played = episodes.filter(lambda episode: len(episode.subtasks) > 0).flatmap(
    lambda episode: st.tuples(st.just(episode), outcomes_of(episode))
)
records = st.builds(
    lambda played, **rest: EpisodeRecord(*played, **rest),
    played=played,
    status=st.sampled_from(["success", "failure", "timeout", "error"]),
    steps=steps,
    parts=st.dictionaries(texts, texts, max_size=2),
    timings=st.dictionaries(texts, floats, max_size=2),
    error=st.none() | texts,
)


@given(episodes)
def test_episode_round_trip(episode: Episode) -> None:
    assert Episode.from_json(json.loads(json.dumps(episode.to_json()))) == episode


@given(records)
def test_record_round_trip_and_id(record: EpisodeRecord) -> None:
    data = json.loads(json.dumps(record.to_json()))
    assert data["id"] == record.episode.id
    assert EpisodeRecord.from_json(data) == record
