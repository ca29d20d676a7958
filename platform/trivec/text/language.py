"""Which language a text is in, when that is clear.

Cleaned text goes in; an ISO 639-1 code comes out, or "" for a text too short or too mixed to tell.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from trivec.errors import MissingExtra

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Languages with many writers: the other hundred only attract short and odd texts.
LANGUAGES = (
    *("ar", "bg", "bn", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "gu", "he", "hi", "hr"),
    *("hu", "hy", "id", "is", "it", "ja", "ka", "kk", "ko", "lt", "lv", "mk", "ml", "mr", "ms", "nl", "no", "pa"),
    *("pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "sw", "ta", "te", "th", "tl", "tr", "uk", "ur", "vi", "zh"),
)
_SURE = 0.7  # of the normalised probability: then one of 9,000 short English questions and messages is called otherwise
_ENOUGH = 300  # characters; more costs time (0.3 ms here) and decides nothing
_LEAST = 3  # letters


def detect(text: str) -> str:
    """The language of a text, judged by its beginning.

    Raises:
        MissingExtra: py3langid is not installed.

    Example:
        >>> detect("Le chat dort sur la table"), detect("p53, MDM2")
        ('fr', '')
    """
    beginning = text[:_ENOUGH]
    if sum(map(str.isalpha, beginning)) < _LEAST:
        return ""
    language, confidence = _identifier().classify(beginning)
    return language if confidence >= _SURE else ""


@lru_cache(maxsize=1)
def _identifier() -> "LanguageIdentifier":
    """The model, restricted to `LANGUAGES`; loading takes a second."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError as error:
        raise MissingExtra("py3langid", "text") from error
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted(set(LANGUAGES) & set(identifier.labels)))
    return identifier
