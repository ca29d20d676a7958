"""A small vocabulary for made-up documents."""

WORDS = (
    "steel",
    "wheat",
    "canal",
    "navy",
    "treaty",
    "school",
    "forest",
    "silver",
    "engine",
    "harbour",
    "river",
    "winter",
)
