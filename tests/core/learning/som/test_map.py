"""The map: ordered, as pure as k-means, the same for a seed, and a place for what comes later."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.cluster import KMeans

from tests.core.learning.som.conftest import DIMENSION, QUICK, Collection, themes
from trivec.encoders.rows import unit_rows
from trivec.errors import BadInput, Broken, Cancelled
from trivec.learning import som
from trivec.learning.base import Model
from trivec.learning.som import SomModel, SomOptions, grid_for, load
from trivec.learning.som.grid import MOST
from trivec.learning.som.training import judge
from trivec.metrics.clusters import purity
from trivec.registry.files import check_files


def cells_of(model: SomModel, documents: Collection) -> list[int]:
    return [int(cell) for cell in model.nearest(documents.vectors).cells[:, 0]]


def test_the_map_is_ordered_and_its_cells_are_as_pure_as_those_of_k_means(
    made: SomModel, collection: Collection
) -> None:
    assert made.quality.topographic < 0.1
    labels = [int(theme) for theme in collection.themes]
    means = KMeans(made.grid.cells, n_init=1, random_state=0).fit(collection.vectors)
    assert purity(cells_of(made, collection), labels) > purity([int(one) for one in means.labels_], labels) - 0.02


def test_a_map_of_documents_drawn_by_chance_is_worse_in_every_way(made: SomModel, collection: Collection) -> None:
    reduced = made.reduce(collection.vectors)
    drawn = reduced[np.random.default_rng(3).choice(len(reduced), made.grid.cells, replace=False)]
    quantisation, topographic = judge(reduced, drawn, made.grid)
    assert made.quality.quantisation < quantisation
    assert made.quality.topographic < topographic / 5


def test_the_same_seed_makes_the_same_map(made: SomModel, collection: Collection) -> None:
    given = collection.vectors.copy()
    again = som.train(collection.vectors, options=QUICK)
    assert np.array_equal(again.weights, made.weights)
    assert again.quality == made.quality
    assert np.array_equal(given, collection.vectors)


def test_a_saved_map_places_documents_exactly_alike(made: SomModel, collection: Collection, tmp_path: Path) -> None:
    made.save(tmp_path)
    check_files(tmp_path)
    assert isinstance(made, Model)
    opened = load(tmp_path)
    assert np.array_equal(opened.nearest(collection.vectors).cells, made.nearest(collection.vectors).cells)
    assert np.array_equal(opened.place(collection.vectors), made.place(collection.vectors))
    assert np.array_equal(opened.u_matrix, made.u_matrix)
    assert (opened.grid, opened.quality, opened.notes) == (made.grid, made.quality, made.notes)


def test_new_documents_fall_among_their_kin(made: SomModel, collection: Collection) -> None:
    new = themes(200, seed=9)
    owners: dict[int, list[int]] = {}
    for cell, theme in zip(cells_of(made, collection), collection.themes, strict=True):
        owners.setdefault(cell, []).append(int(theme))
    placed = zip(cells_of(made, new), new.themes, strict=True)
    right = [theme == max(owners[cell], key=owners[cell].count) for cell, theme in placed if cell in owners]
    assert np.mean(right) > 0.9


def test_walls_stand_between_themes(made: SomModel, collection: Collection) -> None:
    cells = np.array(cells_of(made, collection))
    inside = {cell for cell in set(cells.tolist()) if len(set(collection.themes[cells == cell])) == 1}
    touching = made.grid.touching
    theme = {cell: int(collection.themes[cells == cell][0]) for cell in inside}
    border = [c for c in inside if any(touching[c, d] and theme[d] != theme[c] for d in inside)]
    deep = [c for c in inside if c not in border]
    assert made.u_matrix[border].mean() > made.u_matrix[deep].mean()


def test_a_sample_is_enough_for_a_large_collection(collection: Collection) -> None:
    small = som.train(collection.vectors, options=SomOptions(projection="pca", sample=400))
    assert small.grid.cells > 5 * 19  # as many cells as all the documents ask for
    labels = [int(theme) for theme in collection.themes]
    assert purity(cells_of(small, collection), labels) > 0.9


def test_vectors_of_two_dimensions_have_a_map_too() -> None:
    angles = np.linspace(0, 6, 300)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert som.train(circle, options=QUICK).nearest(circle).cells.shape == (300, 1)


def clumps(count: int) -> np.ndarray:
    """Documents of so many kinds, all but the same within each."""
    chance = np.random.default_rng(1)
    centres = chance.normal(size=(count, DIMENSION))
    return unit_rows(
        (centres[np.arange(600) % count] + 0.001 * chance.normal(size=(600, DIMENSION))).astype("f4")
    ).values


@pytest.mark.parametrize("given", ["circle", "clumps"])
def test_a_map_that_its_narrowest_neighbourhood_tears_is_kept_wider(given: str) -> None:
    angles = np.linspace(0, 6, 300)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    made = som.train(circle if given == "circle" else clumps(3), options=QUICK)
    assert made.quality.radius > 1
    assert made.quality.topographic <= QUICK.most_errors
    assert not made.quality.torn


def test_documents_of_which_no_map_is_in_order_get_the_least_torn_and_it_says_so() -> None:
    made = som.train(clumps(2), options=replace(QUICK, ordering=20))
    assert made.quality.torn
    assert made.quality.topographic < 0.3


def test_a_map_without_a_pass_is_refused(collection: Collection) -> None:
    with pytest.raises(BadInput, match="ordering=0"):
        som.train(collection.vectors, options=replace(QUICK, ordering=0))


def test_it_tells_how_far_it_is_and_can_be_stopped(collection: Collection) -> None:
    told: list[float] = []

    def stop(_doing: str, share: float) -> None:
        told.append(share)
        if share > 0.2:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        som.train(collection.vectors, options=QUICK, progress=stop)
    assert told == sorted(told)


@pytest.mark.parametrize(
    ("vectors", "said"),
    [
        (np.eye(5, DIMENSION, dtype=np.float32), "5 documents are too few"),
        (np.tile(np.eye(1, DIMENSION, dtype=np.float32), (40, 1)), "the same vector"),
    ],
)
def test_what_cannot_be_mapped_is_refused(vectors: np.ndarray, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        som.train(vectors, options=QUICK)


def test_vectors_of_another_kind_are_refused(made: SomModel) -> None:
    with pytest.raises(BadInput, match="are not on this map"):
        made.nearest(np.zeros((2, DIMENSION + 1), np.float32))


def test_an_unknown_projection_is_refused(collection: Collection) -> None:
    with pytest.raises(BadInput, match="projection 'tsne' is unknown"):
        som.train(collection.vectors[:200], options=SomOptions(projection="tsne"))


def test_a_broken_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="no map in"):
        load(tmp_path)


def test_the_sheet_follows_the_rule_and_stays_within_bounds() -> None:
    assert grid_for(20_000, (0.2, 0.2)).cells == pytest.approx(5 * 20_000**0.5, rel=0.02)
    assert grid_for(10_000_000, (1, 1)).cells == pytest.approx(MOST, rel=0.03)
    long = grid_for(5000, (9.0, 1.0))
    assert 2 < long.columns / long.rows < 3
    inner = grid_for(900, (1, 1)).touching.sum(axis=1)
    assert inner.max() == 6  # hexagons
