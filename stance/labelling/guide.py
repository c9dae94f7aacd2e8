"""What a labeller reads first: which stance is which, and what decides the hard cases."""

from __future__ import annotations

from stance.sides import TARGET_LABELS

_STANCES = (
    "takes the side of {0}, or speaks against {1}: defends what {0} did, asked or decided, or says that {1} is wrong,"
    " greedy, dishonest or harmful in this dispute."
)
_ON_TARGET = (
    "is for what is debated: defends it, wants it, or speaks against those who oppose it.",
    "is against what is debated: rejects it, warns of it, or speaks against those who want it.",
)
_NEUTRAL = (
    "takes neither side: off topic; a question or a fact with no lean; wants both to settle, or blames both about"
    " equally; attacks another commenter, a newspaper or a party without taking a side in this dispute; unreadable, or"
    " too little to tell."
)
_RULES = (
    "Label what the writer means, not the words: sarcasm and rhetorical questions count as what they intend.",
    'Use the thread: the post, who its author is, and the comment that is answered. A bare "Well said" takes the side'
    " of what it answers if that is plain; otherwise it is neutral.",
    "Concessions do not decide; the conclusion does.",
    "Facts chosen to argue count as an argument where most readers would see the lean; otherwise neutral.",
    "Quoted words of someone else are not the writer's own view.",
    "Blaming a side for giving in too far takes that side's part: the complaint is the other's gain.",
    "Support for a cause with anger at how it is fought for: the conclusion decides; if there is none, neutral.",
    "When two readings are equally likely, neutral.",
)
_TONE = (
    "The tone is the comment's own, whatever it is aimed at: negative for complaint, blame, scorn or grief; positive"
    " for praise, thanks or hope; neutral for calm argument, information or an even mix. It may be left open."
)


def guide(labels: tuple[str, ...]) -> list[tuple[str, str]]:
    """The guide as paragraphs, each a heading (perhaps empty) and its text.

    :param labels: The stances, in column order; the last is neutral.
    """
    sides = [label.removeprefix("pro-") for label in labels[:-1]]
    meanings = [
        _STANCES.format(f"the {side}", " or ".join(f"the {other}" for other in sides if other != side))
        for side in sides
    ]
    if labels[:-1] == TARGET_LABELS:
        meanings = list(_ON_TARGET)
    stances = list(zip(labels, meanings, strict=False))
    rules = [("" if number > 1 else "Hard cases", f"{number}. {rule}") for number, rule in enumerate(_RULES, 1)]
    return [*stances, (labels[-1], _NEUTRAL), *rules, ("Tone", _TONE)]
