"""How a map is made: plain values, needs neither MiniSom nor scikit-learn."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SomOptions:
    """Settings that suit collections of a hundred to hundreds of thousands of documents.

    Attributes:
        cells: about how many; 0 for the rule, 5 * sqrt(documents) (Vesanto & Alhoniemi, 2000), between 16 and 1600.
        dimensions: the vectors are reduced to so many principal components; those of fewer stay as they are.
        ordering: passes, each over some of the documents, while the neighbourhood shrinks to a cell's own ring.
        most_errors: topographic error up to which the map is sharpened further, 0 to 1.
        sample: most documents that the map and the projection are made from; all others are only located.
        projection: `umap`, `pca`, or `auto`: UMAP where it is installed.
        seed: of everything drawn by chance.
    """

    cells: int = 0
    dimensions: int = 200
    ordering: int = 300
    most_errors: float = 0.09
    sample: int = 30_000
    projection: str = "auto"
    seed: int = 1
