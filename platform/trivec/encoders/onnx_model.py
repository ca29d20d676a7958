"""An exported model, run by ONNX Runtime: a folder in, vectors of plain texts out.

Texts of similar length share a batch, so that little padding is computed, and a batch holds a bounded number of tokens,
so that it stays in the processor's cache. Several batches run beside each other on a thread each, where none waits for
another; one batch alone, as a question is, gets all threads.
"""

import json
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from trivec.encoders.rows import unit_rows
from trivec.errors import Broken, MissingExtra
from trivec.records import DenseVectors, Floats2d

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

Ids = list[int]

BATCH_TOKENS = 768  # measured best between 512 and 1,024 on 180-token texts


@dataclass(frozen=True)
class OnnxModel:
    """A folder with `model.onnx`, `tokenizer.json` and `encoder.json`, opened.

    Attributes:
        folder: where it is.
        dimension: of its vectors.
        max_length: tokens it reads of a text; the rest is cut off.
        padding_id: of the token that fills a row.
        query_prompt: put before questions.
        document_prompt: put before documents.
        threads: that compute at once; 0 means all cores.
    """

    folder: Path
    dimension: int
    max_length: int
    padding_id: int
    query_prompt: str
    document_prompt: str
    threads: int = 0

    @cached_property
    def tokenizer(self) -> "Tokenizer":
        """Cuts a text to `max_length` tokens; pads nothing."""
        try:
            from tokenizers import Tokenizer
        except ImportError as error:
            raise MissingExtra("tokenizers", "encoders") from error
        tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        tokenizer.enable_truncation(self.max_length)
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def session(self) -> "InferenceSession":
        """The graph, ready to run one batch on all threads."""
        return open_session(self.folder / "model.onnx", threads=self.threads)

    @cached_property
    def shared_session(self) -> "InferenceSession":
        """The graph, ready to run several batches at once, each on the thread that asks."""
        return open_session(self.folder / "model.onnx", threads=1)

    def encode(self, texts: Sequence[str], *, prompt: str = "", batch_tokens: int = BATCH_TOKENS) -> DenseVectors:
        """Unit vectors of texts, in their order; an empty text is missing.

        Args:
            texts: to encode; each is cut to `max_length` tokens.
            prompt: put before each.
            batch_tokens: most tokens of a batch, padding included.
        """
        present = np.fromiter((bool(text.strip()) for text in texts), np.bool_, len(texts))
        values = np.zeros((len(texts), self.dimension), np.float32)
        rows = np.flatnonzero(present).tolist()
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch_fast([prompt + texts[row] for row in rows])]
        groups = list(batches([len(ids) for ids in tokens], budget=batch_tokens))
        found = self._run_all([[tokens[entry] for entry in group] for group in groups])
        for group, vectors in zip(groups, found, strict=True):
            values[[rows[entry] for entry in group]] = vectors
        return unit_rows(values, present=present)

    def _run_all(self, given: Sequence[list[Ids]]) -> Iterator[Floats2d]:
        """Vectors of each batch in order; threads that share a batch would wait for each other at every layer."""
        workers = min(len(given), self.threads or len(os.sched_getaffinity(0)))
        if workers < 2:
            yield from (self._run(self.session, batch) for batch in given)
            return
        session = self.shared_session
        with ThreadPoolExecutor(workers, thread_name_prefix="encoding") as pool:
            yield from pool.map(lambda batch: self._run(session, batch), given)

    def _run(self, session: "InferenceSession", batch: list[Ids]) -> Floats2d:
        """Vectors of token id rows, shape (rows, dimension)."""
        longest = max(len(ids) for ids in batch)
        tokens = np.full((len(batch), longest), self.padding_id, np.int64)
        mask = np.zeros((len(batch), longest), np.int64)
        for row, ids in enumerate(batch):
            tokens[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        inputs = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        wanted = (entry.name for entry in session.get_inputs())
        output: NDArray[np.float32] = session.run(None, {name: inputs[name] for name in wanted})[0]
        return output


def open_session(graph: Path, *, threads: int = 0) -> "InferenceSession":
    """A graph, ready to run on this machine's processor; `threads` 0 means all cores.

    Raises:
        MissingExtra: ONNX Runtime is not installed.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtra("onnxruntime", "encoders") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    # Threads that go on spinning after a run keep Qdrant's node, on the same machine, from its processor.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])


def read_model(folder: Path, *, threads: int = 0) -> OnnxModel:
    """Open an exported folder.

    Raises:
        Broken: files are missing or unreadable.
    """
    try:
        return OnnxModel(folder, threads=threads, **json.loads((folder / "encoder.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise Broken(f"{folder} holds no exported model ({error}); delete it to have it made again") from error


def batches(lengths: Sequence[int], *, budget: int) -> Iterator[list[int]]:
    """Entries grouped by length, longest first, each group within the budget of rows times longest row.

    >>> list(batches([3, 9, 4, 3], budget=10))
    [[1], [2, 0], [3]]
    """
    batch: list[int] = []
    for entry in sorted(range(len(lengths)), key=lambda entry: -lengths[entry]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > budget:
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch
