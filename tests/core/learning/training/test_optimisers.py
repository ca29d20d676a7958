"""Optimisers: LARS moves as its paper says, frozen groups stay, and what cannot be is refused."""

import pytest
import torch

from trivec.errors import BadInput
from trivec.learning.training.lars import Lars
from trivec.learning.training.optimisers import Group, frozen, make


def _parameter(*values: list[float]) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.tensor(list(values), dtype=torch.float64))


def test_lars_takes_the_two_steps_worked_out_by_hand() -> None:
    """You, Gitman & Ginsburg (2017), equation 6 and algorithm 1, with rate 2, trust .01, decay .1, momentum .5.

    Step 1: |w| = 5, |g| = 2: local .01 * 5 / (2 + .1 * 5) = .02; v = 2 * .02 * ([0, 2] + .1 * [3, 4]) = [.012, .096].
    Step 2: |w| = 4.916234, |g| = 1: local .01 * 4.916234 / 1.4916234 = .03295895;
    v = .5 * [.012, .096] + 2 * .03295895 * ([1, 0] + .1 * [2.988, 3.904]) = [.0916142, .0737343].
    """
    weights = _parameter([3.0, 4.0])
    optimiser = Lars([weights], lr=2.0, momentum=0.5, weight_decay=0.1, trust=0.01)
    weights.grad = torch.tensor([[0.0, 2.0]], dtype=torch.float64)
    optimiser.step()
    assert weights[0].tolist() == pytest.approx([2.988, 3.904], abs=1e-12)
    weights.grad = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    optimiser.step()
    assert weights[0].tolist() == pytest.approx([2.8963858, 3.8302657], abs=1e-7)


def test_lars_moves_a_layer_by_the_same_share_whatever_the_size_of_its_gradient() -> None:
    small, large = _parameter([3.0, 4.0]), _parameter([3.0, 4.0])
    optimiser = Lars([small, large], lr=1.0, trust=0.01)
    small.grad, large.grad = torch.full((1, 2), 1e-4).double(), torch.full((1, 2), 1e4).double()
    optimiser.step()
    assert torch.linalg.vector_norm(_parameter([3.0, 4.0]) - small).item() == pytest.approx(0.05)
    assert torch.allclose(small, large)


def test_lars_gives_biases_plain_momentum_steps_without_decay() -> None:
    bias = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
    optimiser = Lars([bias], lr=0.1, momentum=0.5, weight_decay=10.0, trust=0.001)
    for expected in ([2.9, 4.0], [2.75, 4.0]):
        bias.grad = torch.tensor([1.0, 0.0])
        optimiser.step()
        assert bias.tolist() == pytest.approx(expected)


def test_lars_moves_a_layer_that_starts_at_zero() -> None:
    weights = _parameter([0.0, 0.0])
    weights.grad = torch.tensor([[2.0, 0.0]], dtype=torch.float64)
    Lars([weights], lr=1.0, trust=0.01).step()
    assert weights[0].tolist() == [-0.02, 0.0]


def test_lars_computes_the_loss_it_is_given() -> None:
    weights = _parameter([3.0, 4.0])
    optimiser = Lars([weights])

    def closure() -> float:
        loss = (weights**2).sum()
        loss.backward()
        return loss.item()

    assert optimiser.step(closure) == 25.0
    assert weights[0, 0].item() < 3.0


@pytest.mark.parametrize("name", ["adamw", "rmsprop", "lars"])
def test_each_group_learns_at_its_rate_and_one_of_rate_zero_not_at_all(name: str) -> None:
    slow, fast, still = _parameter([3.0, 4.0]), _parameter([3.0, 4.0]), _parameter([3.0, 4.0])
    groups = [Group("slow", [slow], 0.01), Group("fast", [fast], 0.1), Group("still", [still], 0.0, weight_decay=0.5)]
    optimiser = make(name, groups)
    for parameter in (slow, fast, still):
        parameter.grad = torch.ones_like(parameter)
    optimiser.step()
    assert 0 < 3.0 - slow[0, 0].item() < 3.0 - fast[0, 0].item()
    assert still[0].tolist() == [3.0, 4.0]


def test_freezing_lasts_as_long_as_its_block() -> None:
    model = torch.nn.Linear(2, 2)
    model.bias.requires_grad_(False)
    with frozen(model, [Group("weights", [model.weight], 0.0)]):
        assert not model.weight.requires_grad
    assert model.weight.requires_grad
    assert not model.bias.requires_grad


@pytest.mark.parametrize(
    ("groups", "message"),
    [
        ([Group("a", [_parameter([1.0])], -1.0)], "'a': a rate of -1.0 is no learning rate"),
        ([Group("a", [_parameter([1.0])], float("nan"))], "'a': a rate of nan"),
        ([Group("a", [_parameter([1.0])], 0.0)], "every group is frozen"),
        ([Group(name, [_parameter([1.0])] * 2, 0.1) for name in "a"], "'a' holds a parameter twice"),
    ],
)
def test_groups_that_cannot_learn_are_refused(groups: list[Group], message: str) -> None:
    with pytest.raises(BadInput, match=message):
        make("adamw", groups)


def test_an_unknown_optimiser_is_named_with_the_known_ones() -> None:
    with pytest.raises(BadInput, match="'sgd'; choose one of adamw, rmsprop, lars"):
        make("sgd", [Group("a", [_parameter([1.0])], 0.1)])
