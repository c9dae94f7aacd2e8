"""Rivals of the model: what a guess, a rule, a bag of words and other people's recipes make of the same comments."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from transformers import AutoModel, AutoTokenizer

from stance.labelled import LabelledExample
from stance.metrics import macro_f1
from stance.model import native_precision

Ints = npt.NDArray[np.int64]
Features = npt.NDArray[np.float32]
_TOKENS = 128  # longest text that the frozen encoder and SetFit's recipe read; the backbone was trained on as many
_STRENGTHS = (0.0003, 0.003, 0.03, 0.3)  # of a logistic regression on standardised features
_AT_ONCE = 256  # texts between two saves
_BATCH = 12  # comments of SetFit's recipe, as many of each stance, of which all pairs are looked at
UNION_WORDS = re.compile(r"\b(?:unions?|strik\w+|workers?|staff|teachers?|firefighters?|employees|members)\b", re.I)
COUNCIL_WORDS = re.compile(
    r"\b(?:council\w*|government|city|mayor|board|administration|bosses|management|tory)\b", re.I
)


def majority(train: Sequence[LabelledExample], asked: Sequence[LabelledExample]) -> Ints:
    """The commonest stance of the training data, always."""
    return np.full(len(asked), np.bincount([labelled.stance or 0 for labelled in train]).argmax())


def keyword_rule(asked: Sequence[LabelledExample]) -> Ints:
    """Who is spoken of more is spoken against: complaints outnumber praise."""
    return np.array([_against_the_one_spoken_of(labelled.example.text) for labelled in asked])


def sentiment_rule(asked: Sequence[LabelledExample]) -> Ints:
    """VADER's tone, for or against the side that is spoken of more; neutral where it is calm or speaks of neither."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    tone_of = SentimentIntensityAnalyzer().polarity_scores
    answers = []
    for labelled in asked:
        text = labelled.example.text
        tone = tone_of(text)["compound"]
        against = _against_the_one_spoken_of(text)
        answers.append(2 if abs(tone) < 0.05 or against == 2 else against if tone < 0 else 1 - against)
    return np.array(answers)


def tfidf(train: Sequence[LabelledExample], asked: Sequence[LabelledExample]) -> Ints:
    """Logistic regression on words and word pairs, on the same rows that trained the model."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
    features = vectorizer.fit_transform([labelled.example.text for labelled in train])
    fitted = LogisticRegression(C=2.0, max_iter=3000).fit(features, [labelled.stance for labelled in train])
    answers: Ints = fitted.predict(vectorizer.transform([labelled.example.text for labelled in asked]))
    return answers


def frozen_encoder(train: Features, labels: Ints, threads: Sequence[str], asked: Features) -> Ints:
    """Logistic regression on features of a pretrained encoder that is left as it is.

    How strongly it is held is chosen by what it makes of threads that it was not fitted on.
    """

    def fitted(strength: float) -> Pipeline:
        return make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=500))

    def figure(strength: float) -> float:
        return macro_f1(labels, cross_val_predict(fitted(strength), train, labels, groups=threads, cv=GroupKFold(3)))

    answers: Ints = fitted(max(_STRENGTHS, key=figure)).fit(train, labels).predict(asked)
    return answers


def frozen_features(
    folder: Path, examples: Sequence[LabelledExample], cache: Path | None, thread: bool = False
) -> Features:
    """Mean-pooled features of comments from a pretrained encoder, of length 1.

    :param cache: A folder in which they are kept, text by text.
    :param thread: With them, those of the title (or post) and of the sides' names, and what the comment's features
        and each of these have in common (their product). *Shape:* ``(n, 7 * width)``, else ``(n, width)``.
    """
    read = [labelled.example for labelled in examples]
    parts = [[one.text for one in read]]
    if thread:
        parts.append([one.title or one.post for one in read])
        parts.append([one.sides.a.name for one in read])
        parts.append([one.sides.b.name for one in read])
    known = _embedded_texts(folder, {text for part in parts for text in part}, cache)
    text, *others = (np.stack([known[one] for one in part]) for part in parts)
    return np.hstack([text, *others, *(text * other for other in others)])


def setfit(
    folder: Path, train: Sequence[LabelledExample], asked: Sequence[LabelledExample], seed: int, steps: int
) -> Ints:
    """SetFit's recipe: cosine similarity of pairs towards 1 or 0, then logistic regression on the embeddings.

    Each step looks at all pairs of a small batch, like ones counting as much as unlike ones: far more pairs than if
    each were drawn by itself, for the same reading. Word embeddings stay as they are.
    """
    torch.manual_seed(seed)
    encoder, tokenizer = AutoModel.from_pretrained(folder).train(), AutoTokenizer.from_pretrained(folder)
    encoder.embeddings.requires_grad_(False)
    labels = np.array([one.stance for one in train], dtype=np.int64)
    optimizer = torch.optim.AdamW([p for p in encoder.parameters() if p.requires_grad], lr=2e-5)
    rng = np.random.default_rng(seed)
    for _ in range(steps):
        places = _batch(labels, rng)
        embedded = _embedded(encoder, tokenizer, [train[i].example.text for i in places])
        alike = torch.from_numpy(labels[places][:, None] == labels[places])
        losses = (embedded @ embedded.T - alike.float()).square()
        others = ~torch.eye(len(places), dtype=torch.bool)
        loss = losses[alike & others].mean() + losses[~alike].mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    encoder.eval()
    with torch.inference_mode():
        seen, read = (
            np.vstack(
                [
                    _embedded(encoder, tokenizer, [one.example.text for one in part[i : i + 32]]).numpy()
                    for i in range(0, len(part), 32)
                ]
            )
            for part in (train, asked)
        )
    answers: Ints = LogisticRegression(max_iter=2000).fit(seen, labels).predict(read)
    return answers


def drawn_a_class(train: Sequence[LabelledExample], size: int, seed: int) -> list[LabelledExample]:
    """So many examples of each stance, drawn at random."""
    rng = np.random.default_rng(seed)
    stances = np.array([labelled.stance for labelled in train])
    return [train[i] for c in np.unique(stances) for i in rng.choice(np.flatnonzero(stances == c), size, replace=False)]


def _batch(labels: Ints, rng: np.random.Generator) -> Ints:
    kinds = np.unique(labels)
    each = max(2, _BATCH // len(kinds))
    return np.concatenate([rng.permutation(np.flatnonzero(labels == kind))[:each] for kind in kinds])


def _embedded(encoder: Any, tokenizer: Any, texts: Sequence[str]) -> torch.Tensor:
    """Mean-pooled and of length 1, as the backbone is used. *Shape:* ``(n, width)``"""
    batch = tokenizer(list(texts), padding=True, truncation=True, max_length=_TOKENS, return_tensors="pt")
    mask = batch["attention_mask"].unsqueeze(2)
    pooled = (encoder(**batch).last_hidden_state.float() * mask).sum(dim=1) / mask.sum(dim=1)
    return torch.nn.functional.normalize(pooled, dim=1)


def _embedded_texts(folder: Path, texts: set[str], cache: Path | None) -> dict[str, Features]:
    path = None if cache is None else cache / f"features-{folder.name}-{_TOKENS}.npz"
    kept: dict[str, Features] = {}
    if path is not None and path.exists():
        with np.load(path) as file:
            kept = dict(zip(file["keys"].tolist(), file["features"], strict=True))
    keys = {text: hashlib.sha256(text.encode()).hexdigest()[:32] for text in texts}
    missing = sorted((text for text in texts if keys[text] not in kept), key=lambda text: (len(text), text))
    if missing:
        precision = native_precision()
        encoder, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    for start in range(0, len(missing), _AT_ONCE):
        part = missing[start : start + _AT_ONCE]
        for first in range(0, len(part), 16):
            batch = part[first : first + 16]
            with torch.inference_mode(), torch.autocast("cpu", precision, enabled=precision != torch.float32):
                features = _embedded(encoder, tokenizer, batch).numpy()
            kept.update(zip((keys[text] for text in batch), features, strict=True))
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            np.savez(path, keys=np.array(list(kept)), features=np.stack(list(kept.values())))
    return {text: kept[key] for text, key in keys.items()}


def _against_the_one_spoken_of(text: str) -> int:
    union, council = len(UNION_WORDS.findall(text)), len(COUNCIL_WORDS.findall(text))
    return 2 if union == council else (0 if union > council else 1)
