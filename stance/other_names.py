"""Names of people who are no authors, found in running text by presidio with a spaCy model of the user's (extra
``masking``)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from stance.errors import InputError

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine


def presidio_analyzer(spacy_model: str) -> AnalyzerEngine:
    """Presidio's analyzer over a spaCy model that is on this machine; nothing is downloaded.

    :param spacy_model: The name of an installed model ("en_core_web_lg"), or its folder.
    :raises InputError: If presidio is not installed, or the model is not here.
    """
    try:
        import spacy
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import NlpEngineProvider
    except ImportError as error:
        raise InputError("Presidio is not installed. Install it with: pip install 'stance[masking]'") from error
    if not spacy.util.is_package(spacy_model) and not Path(spacy_model).is_dir():
        raise InputError(
            f"{spacy_model!r} is neither an installed spaCy model nor a folder. Install one with, for example:"
            " python -m spacy download en_core_web_lg"
        )
    models = [{"lang_code": "en", "model_name": spacy_model}]
    engine = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models}).create_engine()
    return AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
