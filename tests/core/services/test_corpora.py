"""What can be done with stored documents besides searching them."""

from collections.abc import Iterator

import pytest
from qdrant_client import QdrantClient

from trivec.encoders.catalog import EncoderSet
from trivec.errors import BadInput, NotFound
from trivec.records import FacetCount, Filters, Passage
from trivec.services.corpora import CorporaService, stitch
from trivec.store import Store
from trivec.text.analyser import Analyser
from trivec.text.cleaning import clean
from trivec.text.passages import Splitter

from .conftest import SPECS, TEXTS, stored, write


@pytest.fixture
def own(encoders: EncoderSet, analyser: Analyser) -> Iterator[CorporaService]:
    """A corpus that may be changed."""
    store = Store.from_client(QdrantClient(":memory:"))
    generation = store.activate(store.create_generation("messages", SPECS))
    passages = [each for key in ("gold", "navy", "rail") for each in stored(key, [TEXTS[key]])]
    write(store, generation, passages, encoders, analyser)
    yield CorporaService(store)
    store.close()


def test_corpora_are_listed_and_shown(corpus: Store) -> None:
    service = CorporaService(corpus)
    [info] = service.list()
    assert info == service.show("messages")
    assert (info.documents, info.passages) == (len(TEXTS) + 1, len(TEXTS) + 3)
    with pytest.raises(NotFound, match="'nothing' does not exist"):
        service.show("nothing")
    with pytest.raises(BadInput, match="letters, digits"):
        service.show("a/b")


def test_counts_by_value_and_time(corpus: Store) -> None:
    service = CorporaService(corpus)
    assert service.facets("messages", ["source"]) == {"source": [FacetCount("messages.csv", len(TEXTS) + 1)]}
    assert service.facets("messages", ["labels"], filters=Filters(labels=("war",)))["labels"][0].count == 2
    assert sum(each.count for each in service.histogram("messages", "decade")) == len(TEXTS) + 1


def test_a_document_is_read_in_full(corpus: Store) -> None:
    document = CorporaService(corpus).document("messages", "union")
    assert document.text.endswith("Taxes fell and the debt was paid. The navy is at peace.")
    for passage in document.passages:
        assert document.text[passage.start : passage.end] == passage.text
    with pytest.raises(NotFound, match="'unknown' is not in corpus 'messages'"):
        CorporaService(corpus).document("messages", "unknown")


def test_passages_are_put_together_as_they_were_cut() -> None:
    paragraphs = [" ".join(TEXTS.values()), " ".join(reversed(TEXTS.values()))]
    text = clean("\n\n".join(paragraphs * 3))
    passages = Splitter(max_pieces=60).split(text)
    assert len(passages) > 10
    whole = stitch(passages)
    assert whole.split() == text.split()
    assert all(whole[passage.start : passage.end] == passage.text for passage in passages)
    assert stitch([Passage(0, "A.", 0, 2), Passage(1, "B.", 4, 6)]) == "A.\n\nB."


def test_deleting_a_document_a_source_and_a_corpus(own: CorporaService) -> None:
    own.delete_document("messages", "gold")
    assert own.show("messages").documents == 2
    with pytest.raises(NotFound, match="'gold' is not in corpus"):
        own.delete_document("messages", "gold")
    with pytest.raises(NotFound, match=r"no documents from source 'other\.csv'"):
        own.delete_source("messages", "other.csv")
    assert own.delete_source("messages", "messages.csv") == 2
    assert own.show("messages").documents == 0
    own.delete("messages")
    assert own.list() == []
    with pytest.raises(NotFound):
        own.delete("messages")
