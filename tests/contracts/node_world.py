"""A small world of points with every kind of payload and vector, and random questions about it."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from qdrant_client import QdrantClient, models

POINTS = 240
COLOURS = ("red", "green", "blue", "black")
WORDS = ("night", "train", "river", "Stone", "light", "winter", "garden", "road")
DENSE = {"cosine": 8, "dot": 8, "euclid": 6, "manhattan": 5}
SPARSE = ("terms", "idf")

CONFIG: dict[str, Any] = {
    "vectors_config": {
        "cosine": models.VectorParams(size=8, distance=models.Distance.COSINE),
        "dot": models.VectorParams(size=8, distance=models.Distance.DOT),
        "euclid": models.VectorParams(size=6, distance=models.Distance.EUCLID),
        "manhattan": models.VectorParams(size=5, distance=models.Distance.MANHATTAN),
        "multi": models.VectorParams(
            size=4,
            distance=models.Distance.COSINE,
            multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
        ),
    },
    "sparse_vectors_config": {
        "terms": models.SparseVectorParams(),
        "idf": models.SparseVectorParams(modifier=models.Modifier.IDF),
    },
}
INDEXES: dict[str, models.PayloadFieldSchema] = {
    "colour": models.PayloadSchemaType.KEYWORD,
    "number": models.PayloadSchemaType.INTEGER,
    "price": models.PayloadSchemaType.FLOAT,
    "flag": models.PayloadSchemaType.BOOL,
    "when": models.PayloadSchemaType.DATETIME,
    "place": models.PayloadSchemaType.GEO,
    "group": models.PayloadSchemaType.KEYWORD,
    "items[].colour": models.PayloadSchemaType.KEYWORD,
    "text": models.TextIndexParams(
        type=models.TextIndexType.TEXT, tokenizer=models.TokenizerType.WORD, lowercase=True, phrase_matching=True
    ),
}


def point_id(number: int) -> int | str:
    """Every third point has a UUID."""
    return str(UUID(int=number + 1)) if number % 3 == 0 else number


@dataclass
class World:
    """Makes points, filters and queries from one seed."""

    random: Random

    def numbers(self, size: int) -> list[float]:
        return [round(self.random.uniform(-1, 1), 4) for _ in range(size)]

    def rows(self, size: int) -> list[list[float]]:
        return [self.numbers(size) for _ in range(self.random.randint(1, 3))]

    def sparse(self) -> models.SparseVector:
        indices = sorted(self.random.sample(range(30), self.random.randint(1, 6)))
        return models.SparseVector(indices=indices, values=[round(self.random.uniform(0.1, 1), 4) for _ in indices])

    def any_id(self) -> int | str:
        return point_id(self.random.randrange(POINTS))

    def id_with(self, name: str) -> int | str:
        """A point that has the vector: see `vectors`."""
        return point_id(next(n for n in iter(lambda: self.random.randrange(POINTS), None) if _has(n, name)))

    def moment(self) -> str:
        day = self.random.randint(1, 28)
        return f"2024-{self.random.randint(1, 12):02}-{day:02}T{self.random.randint(0, 23):02}:30:00Z"

    def place(self) -> dict[str, float]:
        return {"lon": round(self.random.uniform(-20, 20), 4), "lat": round(self.random.uniform(-20, 20), 4)}

    def payload(self, number: int) -> dict[str, Any]:
        """Some fields are missing, null, empty or lists."""
        colours = self.random.sample(COLOURS, self.random.randint(1, 3))
        payload: dict[str, Any] = {
            "colour": self.random.choice([colours[0], colours, None, []]),
            "number": self.random.choice([self.random.randint(0, 50), [self.random.randint(0, 50), 7], None]),
            "price": round(self.random.uniform(0, 10), 3),
            "flag": self.random.random() < 0.5,
            "text": " ".join(self.random.choices(WORDS, k=self.random.randint(1, 6))),
            "when": self.moment(),
            "place": self.place(),
            "group": f"g{number % 11}",
            "rank": number,
            "items": [
                {"colour": self.random.choice(COLOURS), "size": self.random.randint(1, 5)}
                for _ in range(self.random.randint(0, 3))
            ],
        }
        for field in self.random.sample(["colour", "number", "flag", "items", "place"], self.random.randint(0, 2)):
            del payload[field]
        return payload

    def vectors(self, number: int) -> dict[str, Any]:
        vectors: dict[str, Any] = {name: self.numbers(size) for name, size in DENSE.items() if _has(number, name)}
        if _has(number, "multi"):
            vectors["multi"] = self.rows(4)
        return vectors | {name: self.sparse() for name in SPARSE if _has(number, name)}

    def points(self) -> list[models.PointStruct]:
        return [
            models.PointStruct(id=point_id(number), vector=self.vectors(number), payload=self.payload(number))
            for number in range(POINTS)
        ]

    def example(self, name: str) -> Any:
        """A vector for `name`, or the id of a point that has one."""
        return self.id_with(name) if self.random.random() < 0.4 else self.vector(name)

    def vector(self, name: str) -> Any:
        if name in DENSE:
            return self.numbers(DENSE[name])
        return self.rows(4) if name == "multi" else self.sparse()

    def condition(self, depth: int = 1) -> models.Condition:
        """Any kind of condition, now and then a whole filter."""
        kinds: list[Callable[[], models.Condition]] = [
            self._match,
            self._match,
            self._number_range,
            self._price_range,
            self._date_range,
            self._geo,
            self._values_count,
            self._missing,
            self._ids,
            lambda: models.HasVectorCondition(has_vector=self.random.choice([*DENSE, *SPARSE, "multi"])),
            self._nested,
        ]
        if depth > 0 and self.random.random() < 0.2:
            return self.filter(depth - 1)
        return self.random.choice(kinds)()

    def filter(self, depth: int = 1) -> models.Filter:
        """One to three clauses."""

        def some(most: int = 2) -> list[models.Condition]:
            return [self.condition(depth) for _ in range(self.random.randint(1, most))]

        clauses: dict[str, Any] = {}
        for clause in self.random.sample(["must", "should", "must_not", "min_should"], self.random.randint(1, 2)):
            clauses[clause] = models.MinShould(conditions=some(4), min_count=1) if clause == "min_should" else some()
        return models.Filter(**clauses)

    def maybe_filter(self) -> models.Filter | None:
        return self.filter() if self.random.random() < 0.6 else None

    def maybe_must(self) -> models.Filter | None:
        """For the root of prefetches, which may have filters of their own.

        A server joins both filters clause by clause, so two `should`s become alternatives; local mode does that too,
        but then applies the root's filter once more, which a server (whose engine Edge is) does not. Inside a `must`
        both mean the same.
        """
        return models.Filter(must=[self.filter()]) if self.random.random() < 0.6 else None

    def _match(self) -> models.Condition:
        words = " ".join(self.random.choices(WORDS, k=self.random.randint(1, 2)))
        number = self.random.randint(0, 50)
        choices: list[tuple[str, models.Match]] = [
            ("colour", models.MatchValue(value=self.random.choice(COLOURS))),
            ("number", models.MatchValue(value=number)),
            ("flag", models.MatchValue(value=self.random.random() < 0.5)),
            ("colour", models.MatchAny(any=self.random.sample(COLOURS, 2))),
            ("number", models.MatchAny(any=[number, 7])),
            ("colour", models.MatchExcept(**{"except": self.random.sample(COLOURS, 2)})),
            ("text", models.MatchText(text=words)),
            ("text", models.MatchTextAny(text_any=words.lower())),
            ("text", models.MatchPhrase(phrase=words)),
            ("items[].colour", models.MatchValue(value=self.random.choice(COLOURS))),
        ]
        key, match = self.random.choice(choices)
        return models.FieldCondition(key=key, match=match)

    def _number_range(self) -> models.Condition:
        low = self.random.randint(0, 40)
        return models.FieldCondition(key="number", range=models.Range(gte=low, lt=low + self.random.randint(1, 20)))

    def _price_range(self) -> models.Condition:
        bound = round(self.random.uniform(0, 10), 2)
        either = models.Range(gt=bound) if self.random.random() < 0.5 else models.Range(lte=bound)
        return models.FieldCondition(key="price", range=either)

    def _date_range(self) -> models.Condition:
        early, late = sorted([self.moment(), self.moment()])
        return models.FieldCondition(key="when", range=models.DatetimeRange.model_validate({"gte": early, "lte": late}))

    def _geo(self) -> models.Condition:
        centre, size = self.place(), self.random.uniform(2, 12)
        west, east = centre["lon"] - size, centre["lon"] + size
        south, north = centre["lat"] - size, centre["lat"] + size
        corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
        ring = models.GeoLineString(points=[models.GeoPoint(lon=lon, lat=lat) for lon, lat in corners])
        box = models.GeoBoundingBox(
            top_left=models.GeoPoint(lon=west, lat=north), bottom_right=models.GeoPoint(lon=east, lat=south)
        )
        shapes: list[dict[str, Any]] = [
            {"geo_radius": models.GeoRadius(center=models.GeoPoint(**centre), radius=size * 100_000)},
            {"geo_bounding_box": box},
            {"geo_polygon": models.GeoPolygon(exterior=ring)},
        ]
        return models.FieldCondition(key="place", **self.random.choice(shapes))

    def _values_count(self) -> models.Condition:
        count = models.ValuesCount(gte=self.random.randint(0, 2), lt=self.random.randint(2, 4))
        return models.FieldCondition(key=self.random.choice(["colour", "items", "number"]), values_count=count)

    def _missing(self) -> models.Condition:
        field = models.PayloadField(key=self.random.choice(["colour", "number", "items", "nowhere"]))
        if self.random.random() < 0.5:
            return models.IsEmptyCondition(is_empty=field)
        return models.IsNullCondition(is_null=field)

    def _ids(self) -> models.Condition:
        return models.HasIdCondition(has_id=[self.any_id() for _ in range(self.random.randint(1, 80))])

    def _nested(self) -> models.Condition:
        both: list[models.Condition] = [
            models.FieldCondition(key="colour", match=models.MatchValue(value=self.random.choice(COLOURS))),
            models.FieldCondition(key="size", range=models.Range(gte=self.random.randint(1, 4))),
        ]
        return models.NestedCondition(nested=models.Nested(key="items", filter=models.Filter(must=both)))


def fill(client: QdrantClient, name: str, *, indexes: bool) -> None:
    """The same world, wherever the client leads."""
    client.create_collection(name, **CONFIG)
    if indexes:
        for field, schema in INDEXES.items():
            client.create_payload_index(name, field, schema)
    client.upsert(name, World(Random(0)).points())


def _has(number: int, name: str) -> bool:
    """Every vector is missing from some points."""
    return number % 7 != [*DENSE, *SPARSE, "multi"].index(name)
