"""Labels as people write them and as a classifier needs them: it must not take two nodes of one name for one.

`Republican` under two eras are two nodes. Each label is therefore learned under its whole path, and shown by its name.
"""

from dataclasses import replace

from trivec.records import LabelChance, Prediction

_UNDER = "\x1f"  # ASCII's own unit separator: no label holds it


def distinct(labels: tuple[str, ...]) -> tuple[str, ...]:
    r"""A path whose labels occur nowhere else in a taxonomy.

    >>> distinct(("era", "party"))
    ('era', 'era\x1fparty')
    """
    return tuple(_UNDER.join(labels[: depth + 1]) for depth in range(len(labels)))


def labels(prediction: Prediction) -> tuple[str, ...]:
    """The predicted path as people write it."""
    return tuple(map(_name, prediction.labels))


def plain(prediction: Prediction) -> Prediction:
    """A prediction as people write it."""
    levels = tuple(tuple(map(_plain_chance, level)) for level in prediction.levels)
    return replace(prediction, labels=labels(prediction), levels=levels)


def _plain_chance(chance: LabelChance) -> LabelChance:
    path = tuple(chance.label.split(_UNDER))
    return replace(chance, label=path[-1], parent=_name(chance.parent), path=path)


def _name(label: str) -> str:
    return label.rpartition(_UNDER)[2]
