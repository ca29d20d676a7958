"""The schedule: up in a line, down in half a cosine, every group from its own peak."""

import pytest
import torch

from trivec.errors import BadInput
from trivec.learning.training.schedule import Schedule


def test_it_rises_in_a_line_and_falls_in_half_a_cosine() -> None:
    schedule = Schedule(warmup=0.2)
    assert [schedule.factor(done) for done in (0, 0.1, 0.2)] == pytest.approx([0, 0.5, 1])
    assert [schedule.factor(done) for done in (0.2 + 0.8 / 3, 0.6, 1)] == pytest.approx([0.75, 0.5, 0])


def test_it_ends_at_its_floor() -> None:
    assert Schedule(warmup=0, floor=0.1).factor(1) == pytest.approx(0.1)
    assert Schedule(warmup=0, floor=1).factor(0.7) == 1


def test_every_group_keeps_its_own_peak() -> None:
    groups = [{"params": [torch.nn.Parameter(torch.ones(1))], "lr": rate} for rate in (1.0, 0.01)]
    optimiser = torch.optim.RMSprop(groups)
    schedule = Schedule(warmup=0.5)
    for done in (0.1, 0.25):  # more than once: what was set does not become the peak
        schedule.apply(optimiser, done)
    assert [group["lr"] for group in optimiser.param_groups] == pytest.approx([0.5, 0.005])


@pytest.mark.parametrize("shares", [(-0.1, 0.0), (1.0, 0.0), (0.1, 1.5)])
def test_shares_outside_of_the_training_are_refused(shares: tuple[float, float]) -> None:
    with pytest.raises(BadInput, match="give shares between 0 and 1"):
        Schedule(*shares)
