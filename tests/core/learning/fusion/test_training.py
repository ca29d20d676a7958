"""Training the fusion on real paragraphs: reproducible, resumable, better than untrained, frozen where it is told."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from trivec.errors import BadInput, Cancelled
from trivec.learning.fusion import export
from trivec.learning.fusion.passages import TrainingPassages, start_table, term_weights
from trivec.learning.fusion.recipe import FusionTraining
from trivec.learning.fusion.trainer import TrainedFusionNetwork

QUICK = FusionTraining(sources=("glove",), questions=600, epochs=6, batch=32, best=8, random=32, rate=2e-3)


@pytest.fixture(scope="module")
def trained(speeches) -> TrainedFusionNetwork:
    return speeches.train(QUICK)


def table(trained: TrainedFusionNetwork) -> torch.Tensor:
    assert trained.model.network.table
    return trained.model.network.table.weight.detach()


def test_training_beats_the_untrained_network_on_questions_held_out(trained: TrainedFusionNetwork) -> None:
    assert trained.history.best_epoch > 0
    assert trained.history.best_score > trained.history.scores[0] + 0.005
    assert trained.scores.mean() == pytest.approx(trained.history.best_score)


def test_it_follows_the_teacher_better_than_its_source_alone(trained, speeches) -> None:
    asked = speeches.encoders.encode_queries(trained.held_out.questions, ["glove"])["glove"]
    alone = trained.held_out.score(asked, speeches.passages.vectors["glove"])
    assert trained.scores.mean() > alone.mean() + 0.005


def test_a_seed_gives_the_same_network_and_another_seed_another(trained, speeches) -> None:
    assert torch.equal(table(speeches.train(QUICK)), table(trained))
    assert not torch.equal(table(speeches.train(replace(QUICK, seed=2))), table(trained))


def test_training_leaves_its_input_as_it_was(speeches) -> None:
    before = {name: part.values.copy() for name, part in speeches.passages.vectors.items()}
    speeches.train(replace(QUICK, epochs=1))
    for name, values in before.items():
        assert np.array_equal(speeches.passages.vectors[name].values, values)


def test_the_saved_network_gives_the_same_vectors(trained, speeches, tmp_path: Path) -> None:
    trained.model.save(tmp_path)
    texts, parts = speeches.passages.texts, speeches.passages.vectors
    expected = trained.model.fuse(texts, parts).values
    np.testing.assert_allclose(export.load(tmp_path).fuse(texts, parts).values, expected, atol=1e-6)


@pytest.mark.parametrize("optimiser", ["adamw", "rmsprop", "lars"])
def test_every_optimiser_trains(optimiser: str, speeches) -> None:
    rates = {"adamw": (2e-3, 2e-3), "rmsprop": (1e-3, 1e-4), "lars": (1.0, 0.3)}[optimiser]
    training = replace(QUICK, optimiser=optimiser, table_rate=rates[0], rate=rates[1])
    history = speeches.train(training).history
    assert history.losses[-1] < history.losses[0]
    assert history.best_score > history.scores[0]


def test_a_frozen_table_stays_and_an_unfrozen_one_moves(trained, speeches) -> None:
    texts = speeches.passages.texts
    start, _ = start_table(texts, term_weights(texts).words, {"glove": speeches.encoders.encoders["glove"].table})
    frozen = speeches.train(replace(QUICK, table_rate=0.0))
    assert np.array_equal(table(frozen).numpy(), start)
    assert not np.array_equal(table(trained).numpy(), start)
    assert frozen.history.losses[-1] < frozen.history.losses[0]  # the rest has learned


def test_a_frozen_sentence_side_stays(speeches) -> None:
    network = speeches.train(replace(QUICK, rate=0.0)).model.network
    assert all(change.abs().max() == 0 for change in network.changes)
    assert network.scales.tolist() == pytest.approx([1.0, 0.8])


def test_labels_join_the_lesson_where_asked(trained, speeches) -> None:
    with_labels = speeches.train(replace(QUICK, label_weight=0.5))
    assert not torch.equal(table(with_labels), table(trained))
    labels = np.array([path[0] for path in speeches.passages.labels])

    def apart(network: TrainedFusionNetwork) -> float:
        vectors = network.model.fuse(speeches.passages.texts, speeches.passages.vectors).values
        cosines = vectors @ vectors.T
        same = labels[:, None] == labels[None, :]
        return float(cosines[same].mean() - cosines[~same].mean())

    assert apart(with_labels) > apart(trained)


def test_what_was_stopped_goes_on_and_ends_the_same(trained, speeches, tmp_path: Path) -> None:
    def stop_in_the_last_epoch(doing: str, share: float) -> None:
        if "epoch 6" in doing:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        speeches.train(QUICK, checkpoint=tmp_path, progress=stop_in_the_last_epoch)
    told: list[str] = []
    resumed = speeches.train(QUICK, checkpoint=tmp_path, progress=lambda doing, share: told.append(doing))
    assert not any("epoch 1 " in doing for doing in told)
    assert torch.equal(table(resumed), table(trained))


def test_a_smaller_output_can_be_asked_for(speeches) -> None:
    network = speeches.train(replace(QUICK, output=64, hidden=(32,)))
    assert network.model.fuse(speeches.passages.texts, speeches.passages.vectors).values.shape[1] == 64


def test_what_cannot_be_learned_from_is_refused(speeches) -> None:
    whole = speeches.passages
    few = TrainingPassages(
        whole.texts[:5],
        whole.documents[:5],
        {n: type(p)(p.values[:5], p.present[:5]) for n, p in whole.vectors.items()},
    )
    with pytest.raises(BadInput, match="add documents"):
        speeches.train(QUICK, passages=few)
    with pytest.raises(BadInput, match="no vectors \\['bert'\\]"):
        speeches.train(replace(QUICK, sources=("bert",)))
