"""Ray Data on a cluster of several nodes, all of them on this machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import pandas as pd
import pytest

import stance
from tests.many_threads import assert_same_answers, is_first, table_of_threads

ray = pytest.importorskip("ray", reason="the extra 'ray' is not installed")
pytest.importorskip("ray.data", reason="the extra 'ray' is not installed")

from ray.cluster_utils import Cluster  # noqa: E402  # after the skip where Ray is missing

from stance.distributed import classify_ray, ray_engine  # noqa: E402  # after the skip, for it imports Ray

# Ray sets settings of its own that it calls deprecated; only what is attributed to its own modules is let pass.
pytestmark = pytest.mark.filterwarnings(r"ignore::DeprecationWarning:ray\.", r"ignore::FutureWarning:ray\.")

# Loopback, and yet none of the names for it that Ray replaces by the address of a network card.
_HERE = {"node_ip_address": "127.0.0.2", "object_store_memory": 80 * 2**20}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two nodes. Answers must come although other processes keep this machine busy, so nodes get time to answer."""
    head = {**_HERE, "num_cpus": 2, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    cluster.add_node(num_cpus=1, **_HERE)
    ray.init(address=cluster.address, log_to_driver=False, logging_level="ERROR", _node_ip_address="127.0.0.2")
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    try:
        yield cluster
    finally:
        ray.shutdown()
        cluster.shutdown()


def in_blocks(frame: pd.DataFrame, n_rows: int) -> Any:
    return ray.data.from_pandas([frame[start : start + n_rows] for start in range(0, len(frame), n_rows)])


def test_threads_scattered_over_nodes_are_answered_as_locally(cluster, tiny_folder, tiny_model) -> None:
    frame = table_of_threads()
    dataset = in_blocks(frame, 15)
    answers = classify_ray(dataset, model=tiny_folder, precision="float32", concurrency=2, num_cpus=0.5, partitions=3)
    assert_same_answers(answers.to_pandas(), tiny_model.classify(frame))
    assert {str(answers.schema().types[i]) for i in (0, 2)} == {"string"}
    assert not dataset.context.execution_options.preserve_order  # the caller's settings are as they were


def test_an_open_model_travels_and_bare_texts_are_not_shuffled(cluster, tiny_model) -> None:
    texts = ["the strike must go on", None, "cuts", "Leeds City Council and UNISON"]
    dataset = in_blocks(pd.DataFrame({"id": list("abcd"), "text": texts}), 2)
    answers = classify_ray(dataset, model=tiny_model, concurrency=(1, 2), num_cpus=0.5)
    assert "shuffle" not in str(answers).casefold()
    table = answers.to_pandas().sort_values("comment_id")
    assert table["stance"].tolist() == tiny_model.classify(texts).labels
    assert table["reason"].isna().tolist() == [True, False, True, True]


def test_a_node_that_is_lost_in_the_middle_loses_nothing_and_doubles_nothing(
    cluster, tiny_folder, tiny_model, tmp_path, monkeypatch
) -> None:
    head, died = ray.get_runtime_context().get_node_id(), tmp_path / "died"

    class TakesItsNodeDown(ray_engine.Classifier):
        """Off the driver's node, the first that has answered a part kills the node before the answer is fetched."""

        def __call__(self, part: Any) -> Iterator[Any]:
            for answers in super().__call__(part):
                yield answers
                if ray.get_runtime_context().get_node_id() != head and answers.num_rows and is_first(died):
                    os.kill(os.getppid(), signal.SIGKILL)
                    os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(ray_engine, "Classifier", TakesItsNodeDown)
    cluster.add_node(num_cpus=1, **_HERE)
    frame = table_of_threads(12)
    dataset = in_blocks(frame, 20)
    answers = classify_ray(dataset, model=tiny_folder, precision="float32", concurrency=3, num_cpus=0.5, partitions=6)
    assert_same_answers(answers.to_pandas(), tiny_model.classify(frame))
    assert died.exists()


def test_a_model_that_is_not_there_ends_the_job_and_says_so(cluster, tmp_path) -> None:
    dataset = in_blocks(pd.DataFrame({"text": ["pay"]}), 1)
    with pytest.raises(Exception, match="There is no model"):
        classify_ray(dataset, model=tmp_path / "nowhere", concurrency=1, num_cpus=0.5).take_all()


def test_an_actor_that_asks_for_a_gpu_never_falls_back_to_the_processor() -> None:
    asked = [ray_engine.Room(num_gpus=n).device("auto") for n in (0, 0.5, 1, 2)]
    assert asked == ["cpu", "cuda", "cuda", "auto"]
    assert ray_engine.Room(num_gpus=1).device("cuda:1") == "cuda:1"


def test_an_empty_dataset_is_refused(cluster) -> None:
    with pytest.raises(stance.InputError, match="no columns"):
        classify_ray(ray.data.from_items([]))
