"""The Celery application: what the design promises of every task."""

import subprocess
import sys
from importlib import import_module

from trivec import jobs
from trivec.settings import Settings
from trivec_workers.app import TASKS, app, create
from trivec_workers.schedule import schedule


def test_every_task_has_an_explicit_name_on_record() -> None:
    for module in TASKS:
        import_module(module)
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    assert ours == {
        jobs.INGEST_READ,
        jobs.INGEST_PREPARE,
        jobs.INGEST_BATCH,
        jobs.LEARN_VECTORS,
        jobs.LEARN_FUSION,
        jobs.LEARN_TAXONOMY,
        jobs.LEARN_RUN,
        jobs.INSIGHTS_MAP,
        jobs.INSIGHTS_ANOMALIES,
        jobs.INSIGHTS_TRENDS,
        jobs.RECONCILE,
        jobs.SNAPSHOT,
    }


def test_messages_are_json_acknowledged_late_and_one_at_a_time() -> None:
    conf = create(Settings()).conf
    assert (conf["accept_content"], conf["task_serializer"]) == (["json"], "json")
    assert conf["task_acks_late"]
    assert conf["task_reject_on_worker_lost"]
    assert conf["worker_prefetch_multiplier"] == 1
    assert conf["worker_max_memory_per_child"]
    assert 0 < conf["task_soft_time_limit"] < conf["task_time_limit"]


def test_a_killed_beat_is_replaced_soon() -> None:
    conf = create(Settings()).conf
    assert conf["beat_max_loop_interval"] < conf["redbeat_lock_timeout"] <= 60


def test_everything_scheduled_exists_and_expires() -> None:
    entries = schedule(Settings(reconcile_after_seconds=3))
    assert set(entries) >= {
        jobs.RECONCILE,
        jobs.SNAPSHOT,
        jobs.LEARN_VECTORS,
        jobs.LEARN_FUSION,
        jobs.LEARN_TAXONOMY,
        jobs.INSIGHTS_TRENDS,
    }
    for entry in entries.values():
        options = entry["options"]
        assert isinstance(options, dict)
        assert options["expires"] > 0
        assert options["queue"] in jobs.QUEUES


def test_the_application_loads_nothing_heavy_before_its_first_task() -> None:
    code = """
import sys, trivec_workers.app, trivec_workers.tasks.ingest, trivec_workers.tasks.learn
heavy = {"torch", "onnxruntime", "gensim", "mlflow", "spacy", "pandas", "pyarrow", "qdrant_client"} & set(sys.modules)
sys.exit(", ".join(sorted(heavy)) or None)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_names_and_services_are_there_without_celery_or_qdrant() -> None:
    code = """
import sys, trivec.jobs, trivec.services.container
sys.exit(", ".join(sorted({"celery", "redis", "kombu", "qdrant_client"} & set(sys.modules))) or None)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
