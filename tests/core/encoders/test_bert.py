"""BERT by ONNX: the vectors of the model it was made from, without torch in the process that serves."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from trivec.encoders import bert, exported, fidelity, torch_bert
from trivec.encoders.base import EncoderSpec
from trivec.encoders.model_files import MINILM, dimension_of, find_model
from trivec.encoders.onnx_model import batches, read_model
from trivec.errors import BadInput, Broken, MissingExtra
from trivec.records import AnalysedText, Scalar


def _spec(model: str = MINILM, *, dimension: int = 384, **options: Scalar) -> EncoderSpec:
    return EncoderSpec("bert", "onnx", "dense", dimension, model, options=options)


def _plain(texts: list[str]) -> list[AnalysedText]:
    return [AnalysedText(text, (), ()) for text in texts]


@pytest.fixture(scope="module")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model unlike MiniLM: first-token pooling, a dense layer, no normalisation, prompts, 12 tokens."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Dense, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("model")
    config = BertConfig(hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32)
    BertModel(config).save_pretrained(folder / "bert")
    BertTokenizerFast.from_pretrained(str(find_model(MINILM))).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"), max_seq_length=12)
    modules = [transformer, Pooling(16, pooling_mode="cls"), Dense(16, 6, activation_function=torch.nn.Tanh())]
    prompts = {"query": "question: ", "document": "passage: "}
    SentenceTransformer(modules=modules, prompts=prompts, device="cpu").save_pretrained(str(folder / "whole"))
    return folder / "whole"


def test_its_vectors_are_those_of_sentence_transformers(cache: Path) -> None:
    texts = _plain([*fidelity.sample_texts()[:12], "short", "a text much longer than the model reads " * 80])
    onnx = bert.load(_spec(), cache=cache, threads=1).encode_documents(texts)
    torch = torch_bert.load(EncoderSpec("bert", "torch", "dense", 384, MINILM), threads=1).encode_documents(texts)
    assert np.einsum("ij,ij->i", onnx.values, torch.values).min() > 0.9999


def test_batches_beside_each_other_give_what_they_give_one_after_the_other(cache: Path) -> None:
    texts = [*fidelity.sample_texts()[:20], "", "short"]
    alone, together = (exported.open_model(MINILM, precision="fp32", cache=cache, threads=n) for n in (1, 3))
    expected = alone.encode(texts, batch_tokens=300)
    got = together.encode(texts, batch_tokens=300)
    assert np.allclose(got.values, expected.values, atol=1e-6)
    assert got.present.tolist() == expected.present.tolist() == [True] * 20 + [False, True]
    assert {"session", "shared_session"} & vars(together).keys() == {"shared_session"}


def test_another_models_own_modules_decide_what_is_computed(tiny_model: Path, cache: Path, tmp_path: Path) -> None:
    from sentence_transformers import SentenceTransformer

    original = SentenceTransformer(str(tiny_model), device="cpu")
    encoder = bert.load(_spec(str(tiny_model), dimension=6), cache=tmp_path, threads=1)
    texts = ["lift and drag", "stock markets fell sharply as investors sold the shares that they had bought in spring"]
    for expected, got in (
        (original.encode_query(texts, normalize_embeddings=True), encoder.encode_queries(_plain(texts))),
        (original.encode_document(texts, normalize_embeddings=True), encoder.encode_documents(_plain(texts))),
    ):
        assert np.allclose(got.values, expected, atol=1e-5)
    assert encoder.model.max_length == 12
    assert dimension_of(tiny_model) == 6
    assert not np.allclose(encoder.encode_queries(_plain(texts)).values, encoder.encode_documents(_plain(texts)).values)


def test_an_8_bit_model_tells_how_true_it_is(cache: Path) -> None:
    encoder = bert.load(_spec(precision="int8"), cache=cache, threads=1)
    told = encoder.fidelity
    assert told is not None
    assert told.texts == 64
    assert 0.99 <= told.mean_cosine < 1
    assert 0.97 <= told.minimum_cosine < told.mean_cosine
    full = bert.load(_spec(), cache=cache, threads=1)
    measured = fidelity.measure(full.model.encode, encoder.model.encode, ["Lift rises with speed.", "Markets fell."])
    assert measured.texts == 2
    assert 0.97 < measured.mean_cosine < 1
    assert full.fidelity is None


def test_serving_imports_neither_torch_nor_sentence_transformers(cache: Path) -> None:
    bert.load(_spec(), cache=cache, threads=1)
    script = (
        "import sys; from pathlib import Path; from trivec.encoders.catalog import build\n"
        "from trivec.encoders.defaults import default_specs\n"
        "from trivec.text.analyser import Analyser\n"
        "cache = Path(sys.argv[1]); specs = default_specs(cache=cache)\n"
        "vectors = build(specs, artefacts=Path, cache=cache, threads=1).encode_queries(Analyser().analyse(['lift']))\n"
        "assert all(found.present.all() for found in vectors.values())\n"
        "print({'torch', 'sentence_transformers', 'transformers', 'gensim'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(cache)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "set()"), done.stderr


def test_the_catalogue_is_light_to_import() -> None:
    script = (
        "import sys, trivec.encoders.catalog, trivec.encoders.defaults\n"
        "print({'torch', 'sentence_transformers', 'gensim', 'onnxruntime', 'tokenizers', 'pyarrow'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "set()"


def test_batches_hold_texts_of_similar_length_and_stay_within_their_tokens() -> None:
    lengths = [5, 200, 7, 199, 6, 300, 1]
    made = list(batches(lengths, budget=400))
    assert sorted(entry for batch in made for entry in batch) == list(range(7))
    assert made[:2] == [[5], [1, 3]]
    assert all(len(batch) * max(lengths[entry] for entry in batch) <= 400 for batch in made)


def test_a_text_longer_than_a_batch_is_a_batch() -> None:
    assert list(batches([900, 10], budget=100)) == [[0], [1]]


def test_without_torch_the_pip_line_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(exported, "find_spec", lambda package: None)
    with pytest.raises(MissingExtra, match=r"torch is not installed: pip install 'trivec\[train\]'"):
        exported.open_model(MINILM, cache=tmp_path)


def test_an_export_that_fails_says_why_and_leaves_nothing(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "modules.json").write_text('[{"idx": 0, "name": "0", "path": "", "type": "no.such.Module"}]')
    with pytest.raises(Broken, match=r"exporting .*model to ONNX failed"):
        exported.open_model(str(model), cache=tmp_path / "cache")
    assert [path.name for path in (tmp_path / "cache" / "onnx").iterdir() if not path.name.endswith(".lock")] == []


def test_a_damaged_export_says_how_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="delete it to have it made again"):
        read_model(tmp_path)


@pytest.mark.parametrize(
    ("spec", "message"),
    [(_spec(precision="int4"), "choose fp32 or int8"), (_spec(dimension=768), "has 384 dimensions, not 768")],
)
def test_a_spec_that_does_not_fit_the_model_is_refused(cache: Path, spec: EncoderSpec, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        bert.load(spec, cache=cache)


def test_torch_checks_the_dimension_too() -> None:
    with pytest.raises(BadInput, match="has 384 dimensions, not 768"):
        torch_bert.load(EncoderSpec("bert", "torch", "dense", 768, MINILM))
