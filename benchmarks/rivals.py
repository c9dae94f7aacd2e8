"""Simple rivals of the model: what a guess, a rule and a bag of words make of the same comments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from transformers import AutoModel, AutoTokenizer

from stance.labelled import LabelledExample
from stance.model import native_precision

Ints = npt.NDArray[np.int64]
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


def frozen_encoder(folder: Path, train: Sequence[LabelledExample], asked: Sequence[LabelledExample]) -> Ints:
    """Logistic regression on the mean-pooled features of a pretrained encoder that is left as it is."""
    train_features, asked_features = (
        _features(folder, [labelled.example.text for labelled in part]) for part in (train, asked)
    )
    fitted = LogisticRegression(C=2.0, max_iter=3000).fit(train_features, [labelled.stance for labelled in train])
    answers: Ints = fitted.predict(asked_features)
    return answers


def _features(folder: Path, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    precision = native_precision()
    encoder = AutoModel.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    features = np.zeros((len(texts), encoder.config.hidden_size), dtype=np.float32)
    for start in range(0, len(order), 32):
        rows = order[start : start + 32]
        batch = tokenizer([texts[i] for i in rows], padding=True, truncation=True, max_length=256, return_tensors="pt")
        with torch.inference_mode(), torch.autocast("cpu", precision, enabled=precision != torch.float32):
            hidden = encoder(**batch).last_hidden_state.float()
        mask = batch["attention_mask"].unsqueeze(2)
        features[rows] = ((hidden * mask).sum(dim=1) / mask.sum(dim=1)).numpy()
    return features


def _against_the_one_spoken_of(text: str) -> int:
    union, council = len(UNION_WORDS.findall(text)), len(COUNCIL_WORDS.findall(text))
    return 2 if union == council else (0 if union > council else 1)
