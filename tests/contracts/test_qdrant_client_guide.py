"""The script of docs/guide/qdrant-client.md, run as it stands there, against a real node."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trivec.encoders import sparse
from trivec.encoders.base import EncoderSpec
from trivec.encoders.catalog import build
from trivec.records import Passage, StoredPassage
from trivec.store import Store
from trivec.text.analyser import Analyser

GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "qdrant-client.md"
SPECS = (
    EncoderSpec(name="glove", family="glove", kind="dense", dimension=50),
    EncoderSpec(
        name="bert", family="onnx", kind="dense", dimension=384, model="sentence-transformers/all-MiniLM-L6-v2"
    ),
    sparse.spec("bm25", average_terms=6.0),
)
TEXTS = {
    "vitamins": "Vitamin D tablets lower the risk of respiratory infections in winter.",
    "steel": "Steel beams carry the load of tall buildings.",
    "music": "The orchestra rehearsed a symphony before the concert.",
}


def test_the_script_asks_every_vector_and_both_together(
    node_url: str,
    tmp_path: Path,
    pytestconfig: pytest.Config,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cache = pytestconfig.cache.mkdir("encoders")
    (tmp_path / "cache").symlink_to(cache)
    monkeypatch.setenv("TRIVEC_HOME", str(tmp_path))
    monkeypatch.setenv("TRIVEC_QDRANT_URL", node_url)
    store_texts(node_url, cache)

    [script] = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    monkeypatch.setattr(sys, "argv", ["ask.py", "guide", "does vitamin D prevent infections"])
    exec(compile(script, str(GUIDE), "exec"), {"__name__": "__main__"})  # noqa: S102

    shown = re.split(r"^(?=\S)", capsys.readouterr().out, flags=re.MULTILINE)[1:]
    firsts = {block.splitlines()[0]: block.splitlines()[1].split()[1] for block in shown}
    assert set(firsts) == {"glove", "bert", "bm25", "hybrid", "like the best"}
    assert {firsts[name] for name in ("glove", "bert", "bm25", "hybrid")} == {"vitamins"}
    assert firsts["like the best"] != "vitamins"


def store_texts(url: str, cache: Path) -> None:
    store = Store(url)
    generation = store.activate(store.create_generation("guide", SPECS))
    now = datetime(2026, 1, 1, tzinfo=UTC)
    passages = [
        StoredPassage(key, Passage(0, text, 0, len(text)), 1, key, now, (), "guide", key, now, "en", {})
        for key, text in TEXTS.items()
    ]
    encoders = build(SPECS, artefacts=Path, cache=cache, threads=1)
    store.upsert(generation, passages, encoders.encode_documents(Analyser().analyse(list(TEXTS.values()))))
    store.close()
