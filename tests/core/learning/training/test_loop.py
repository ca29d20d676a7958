"""The loop: it learns, it keeps the best epoch, it freezes what is to be frozen, and it says what went wrong."""

import numpy as np
import pytest
import torch

from tests.core.learning.training.small_training import EPOCHS, Network, train
from trivec.errors import BadInput, Cancelled
from trivec.learning.training.history import History, Stopping
from trivec.learning.training.loop import Options, fit
from trivec.learning.training.optimisers import Group, Name
from trivec.learning.training.schedule import Schedule


def _same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    theirs = other.state_dict()
    return all(torch.equal(tensor, theirs[name]) for name, tensor in one.state_dict().items())


def _fit_line(
    *,
    scores: list[float] | None = None,
    stopping: Stopping | None = None,
    rate: float = 0.1,
    target: float = 3.0,
) -> tuple[torch.nn.Linear, History]:
    """Trains one weight from 0 towards a target, with a held-out score that is given."""
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    given = iter(scores or [])
    history = fit(
        model,
        groups=[Group("all", [model.weight], rate)],
        batches=lambda random: [torch.ones(4, 1)],
        loss=lambda batch: ((model(batch) - target) ** 2).mean(),
        score=lambda: next(given) if scores else float(model.weight.detach()),
        options=Options(stopping=stopping or Stopping()),
    )
    return model, history


@pytest.mark.parametrize("optimiser", ["adamw", "rmsprop", "lars"])
def test_every_optimiser_halves_the_held_out_error(optimiser: Name) -> None:
    history = train(Network(), optimiser=optimiser)
    assert len(history.losses) == EPOCHS
    assert -history.best_score < 0.5 * -history.scores[0]
    assert history.losses[-1] < history.losses[0]


def test_a_seed_gives_the_same_weights_and_leaves_others_their_randomness() -> None:
    one, other = Network(), Network()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    train(one)
    assert torch.equal(torch.rand(3), expected)
    torch.manual_seed(6)
    train(other)
    assert _same(one, other)


def test_the_best_epoch_is_what_stays() -> None:
    model, history = _fit_line(scores=[0.1, 0.2, 0.5, 0.3, 0.4], stopping=Stopping(epochs=4))
    broken_off, _ = _fit_line(scores=[0.1, 0.2, 0.5, 0.0], stopping=Stopping(epochs=4, guard=0.4))
    assert history.best_epoch == 2
    assert model.weight.item() == broken_off.weight.item() > 0


def test_the_untrained_network_wins_when_training_does_not_help() -> None:
    model, history = _fit_line(scores=[0.5, 0.4, 0.5, 0.3], stopping=Stopping(epochs=3))
    assert history.best_epoch == 0
    assert model.weight.item() == 0.0


def test_patience_ends_a_training_that_does_not_get_better() -> None:
    _, history = _fit_line(scores=[0.1, 0.3, 0.2, 0.3, 9.0], stopping=Stopping(epochs=9, patience=2))
    assert history.scores == (0.1, 0.3, 0.2, 0.3)


def test_the_guard_breaks_off_when_the_score_falls_too_far() -> None:
    _, history = _fit_line(scores=[0.5, 0.45, 0.39, 9.0], stopping=Stopping(epochs=9, guard=0.1))
    assert history.scores == (0.5, 0.45, 0.39)
    assert history.best_epoch == 0


def test_frozen_parts_stay_exactly_as_they_were() -> None:
    network, before = Network(), Network()
    x = torch.arange(10).reshape(2, 5)
    fit(
        network,
        groups=[Group("table", [network.table.weight], 0.0), Group("dense", list(network.dense.parameters()), 0.01)],
        batches=lambda random: [x] * 3,
        loss=lambda batch: (network(batch) ** 2).mean(),
        score=lambda: -float((network(x) ** 2).mean()),
    )
    assert torch.equal(network.table.weight, before.table.weight)
    assert torch.equal(network.output.weight, before.output.weight), "in no group"
    assert not torch.equal(network.dense.weight, before.dense.weight)
    assert all(parameter.requires_grad for parameter in network.parameters())


def test_an_unfrozen_table_changes_in_the_rows_that_were_used() -> None:
    network, before = Network(), Network()
    x = torch.arange(10).reshape(2, 5)
    fit(
        network,
        groups=[Group("table", [network.table.weight], 0.01)],
        batches=lambda random: [x] * 3,
        loss=lambda batch: (network(batch) ** 2).mean(),
        score=lambda: -float((network(x) ** 2).mean()),
    )
    changed = (network.table.weight != before.table.weight).any(dim=1)
    assert changed[:10].all()
    assert not changed[10:].any()


def test_a_long_gradient_is_clipped() -> None:
    """LARS moves a scale by rate times gradient: the loss's slope of 100 unclipped, 0.5 clipped."""
    reached = []
    for clip in (0.0, 0.5):
        model = torch.nn.BatchNorm1d(1)
        fit(
            model,
            groups=[Group("scale", [model.bias], 0.1)],
            batches=lambda random: [torch.ones(2, 1)],
            loss=lambda batch: 100 * model.bias.sum(),  # noqa: B023 (called within the round)
            score=lambda: -float(model.bias.detach()),  # noqa: B023
            options=Options(optimiser="lars", stopping=Stopping(epochs=1), schedule=Schedule(0, 1), clip=clip),
        )
        reached.append(model.bias.item())
    assert reached == pytest.approx([-10, -0.05])


def test_a_loss_that_is_no_number_is_said_with_its_place() -> None:
    with pytest.raises(BadInput, match="the loss is nan in epoch 1, batch 1"):
        _fit_line(target=float("nan"))


def test_a_gradient_that_explodes_is_said() -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    with pytest.raises(BadInput, match=r"the gradient's length is (inf|nan) in epoch 1"):
        fit(
            model,
            groups=[Group("all", [model.weight], 0.1)],
            batches=lambda random: [torch.zeros(1, 1)],
            loss=lambda batch: torch.sqrt(model(batch)).sum(),  # finite at zero, its slope is not
            score=lambda: 0.0,
        )


def test_a_score_that_is_no_number_is_said() -> None:
    with pytest.raises(BadInput, match="the held-out score is nan after epoch 1"):
        _fit_line(scores=[0.1, float("nan")])


def test_a_training_without_a_batch_is_refused() -> None:
    model = torch.nn.Linear(1, 1)
    with pytest.raises(BadInput, match="not one batch"):
        fit(
            model,
            groups=[Group("all", list(model.parameters()), 0.1)],
            batches=lambda random: [],
            loss=lambda batch: torch.zeros(()),
            score=lambda: 0.0,
        )


def test_a_parameter_of_another_network_is_refused() -> None:
    model = torch.nn.Linear(1, 1)
    with pytest.raises(BadInput, match="'other' holds a parameter that the network does not have"):
        fit(
            model,
            groups=[Group("other", list(torch.nn.Linear(1, 1).parameters()), 0.1)],
            batches=lambda random: [np.zeros(1)],
            loss=lambda batch: torch.zeros(()),
            score=lambda: 0.0,
        )


def test_progress_rises_to_one_and_can_stop_the_training() -> None:
    shares: list[float] = []

    def watch(doing: str, share: float) -> None:
        assert doing.startswith("epoch ")
        shares.append(share)

    train(Network(), progress=watch)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)

    def stop(doing: str, share: float) -> None:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        train(Network(), progress=stop)
