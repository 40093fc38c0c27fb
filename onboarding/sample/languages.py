"""The sample texts of each language."""

from onboarding.sample import de, en
from onboarding.sample.texts import Texts

_KNOWN = {"de": de.TEXTS, "en": en.TEXTS}


def texts(language: str) -> Texts:
    """The document of `language`, English where there is none."""
    return _KNOWN.get(language, en.TEXTS)
