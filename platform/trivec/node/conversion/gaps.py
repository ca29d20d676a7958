"""What Qdrant Edge offers and its type stubs forget, said once and typed."""

from collections.abc import Callable
from typing import cast

import qdrant_edge as edge

rrf = cast("Callable[[int, list[float] | None], edge.Fusion]", vars(edge.Fusion)["Rrf"])
dbsf = cast("Callable[[], edge.Fusion]", vars(edge.Fusion)["Dbsf"])
slice_condition = cast("Callable[[int, int], edge.HasIdCondition]", vars(edge)["SliceCondition"])
