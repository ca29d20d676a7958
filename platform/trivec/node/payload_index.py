"""Payload indexes: Qdrant's field schemas said to Edge.

A `PayloadFieldSchema` of `qdrant_client.models` in, what `UpdateOperation.create_field_index` takes out.
"""

from __future__ import annotations  # some of Edge's names exist for type checkers only

import qdrant_edge as edge
from qdrant_client import models

from trivec.node.edge_config import edge_enum, required_enum


def edge_schema(schema: models.PayloadFieldSchema) -> edge.PayloadSchemaType | edge.PayloadSchemaParams:
    """The same index in Edge's words."""
    if isinstance(schema, models.PayloadSchemaType):
        return required_enum(edge.PayloadSchemaType, schema)
    return _edge_params(schema)


def schema_type(schema: models.PayloadFieldSchema) -> models.PayloadSchemaType:
    """Which of the eight kinds of index it is."""
    return schema if isinstance(schema, models.PayloadSchemaType) else models.PayloadSchemaType(schema.type.value)


def _edge_params(schema: models.PayloadSchemaParams) -> edge.PayloadSchemaParams:
    on_disk, memory = schema.on_disk, edge_enum(edge.Memory, schema.memory)
    hnsw, nested = schema.enable_hnsw, schema.nested
    match schema:
        case models.KeywordIndexParams():
            return edge.KeywordIndexParams(schema.is_tenant, on_disk, hnsw, schema.prefix, memory, nested)
        case models.IntegerIndexParams():
            return edge.IntegerIndexParams(
                schema.lookup, schema.range, schema.is_principal, on_disk, hnsw, memory, nested
            )
        case models.FloatIndexParams():
            return edge.FloatIndexParams(schema.is_principal, on_disk, hnsw, memory, nested)
        case models.DatetimeIndexParams():
            return edge.DatetimeIndexParams(schema.is_principal, on_disk, hnsw, memory, nested)
        case models.UuidIndexParams():
            return edge.UuidIndexParams(schema.is_tenant, on_disk, hnsw, memory, nested)
        case models.GeoIndexParams():
            return edge.GeoIndexParams(on_disk, hnsw, memory, nested)
        case models.BoolIndexParams():
            return edge.BoolIndexParams(on_disk, hnsw, memory, nested)
        case models.TextIndexParams():
            return _text(schema)


def _text(schema: models.TextIndexParams) -> edge.TextIndexParams:
    return edge.TextIndexParams(
        tokenizer=edge_enum(edge.TokenizerType, schema.tokenizer),
        min_token_len=schema.min_token_len,
        max_token_len=schema.max_token_len,
        lowercase=schema.lowercase,
        ascii_folding=schema.ascii_folding,
        phrase_matching=schema.phrase_matching,
        stopwords=_stopwords(schema.stopwords),
        on_disk=schema.on_disk,
        stemmer=_stemmer(schema.stemmer),
        enable_hnsw=schema.enable_hnsw,
        memory=edge_enum(edge.Memory, schema.memory),
        scoring=_scoring(schema.scoring),
        nested=schema.nested,
    )


def _stopwords(stopwords: models.Language | models.StopwordsSet | None) -> edge.Stopwords | None:
    if isinstance(stopwords, models.StopwordsSet):
        languages = {required_enum(edge.Language, language) for language in stopwords.languages or ()}
        return edge.StopwordsSet(languages=languages, custom=set(stopwords.custom or ()))
    return edge_enum(edge.Language, stopwords)


def _stemmer(stemmer: models.SnowballParams | models.DisabledStemmerParams | None) -> edge.StemmingAlgorithm | None:
    if stemmer is None:
        return None
    if isinstance(stemmer, models.DisabledStemmerParams):
        return edge.DisabledStemmer()
    return edge.SnowballParams(required_enum(edge.SnowballLanguage, stemmer.language))


def _scoring(scoring: bool | models.TextScoringParams | None) -> bool | edge.TextScoringParams | None:
    if isinstance(scoring, models.TextScoringParams):
        return edge.TextScoringParams(required_enum(edge.TextScoringType, scoring.type))
    return scoring
