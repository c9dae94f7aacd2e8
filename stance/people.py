"""Who writes, how steady they are, and who answers whom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stance.prevalence import Floats, Ints
from stance.shares import MIN_PEOPLE, Estimate, Voices
from stance.sides import SENTIMENTS
from stance.stances import Stances
from stance.thread import Comment

_DRAWS = 200  # of people and of the model's errors, for the intervals of replies
_STEPS = 40  # of expectation maximisation, which has settled by then


@dataclass(frozen=True)
class Person:
    """One writer, as all their comments show them. A name stands for one person in a thread.

    :param thread_id: Where they write.
    :param author: The name shown; None where there is none. A shared name ("Anonymous") is a person a comment.
    :param comment_ids: Their comments, in order.
    :param label: Their stance.
    :param probabilities: Of side a, side b and neutral, from all their comments; sum 1.
    :param counts: How many of their comments the model puts on side a, side b and neither.
    :param steadiness: Share of their comments that carry their stance, in [0, 1]; None for a single comment. The
        model's errors lower it too.
    :param on_both_sides: Whether comments of theirs are found on both sides.
    :param share_of_comments: Of all comments, in [0, 1].
    :param sentiment: Their commonest tone.
    :param is_post_author: Whether they wrote the post.
    :param has_shared_name: Whether the name tells them from nobody, so that they may be one with others.
    """

    thread_id: str
    author: str | None
    comment_ids: tuple[str, ...]
    label: str
    probabilities: tuple[float, float, float]
    counts: tuple[int, int, int]
    steadiness: float | None
    on_both_sides: bool
    share_of_comments: float
    sentiment: str
    is_post_author: bool
    has_shared_name: bool

    @property
    def n_comments(self) -> int:
        """How many comments they wrote."""
        return len(self.comment_ids)


@dataclass(frozen=True)
class Concentration:
    """Whether few people write most. Nameless comments count as a person each, so the truth may be more uneven.

    :param n_most_active: How many people the most active tenth are, at least one.
    :param share_of_most_active: Of the comments, what they write, in [0, 1].
    :param n_for_half: The fewest people who write half of the comments.
    :param gini: 0 where all write the same, near 1 where one writes all (Gini 1912).
    """

    n_most_active: int
    share_of_most_active: float
    n_for_half: int
    gini: float


@dataclass(frozen=True)
class ReplyCell:
    """Replies from one stance to another.

    :param of: Stance of the comment that answers.
    :param to: Stance of the comment that is answered.
    :param count: Such replies, as the model reads them.
    :param share: Of all replies, corrected where the model's errors are known, with its interval.
    """

    of: str
    to: str
    count: int
    share: Estimate


@dataclass(frozen=True)
class Replies:
    """Who answers whom across the sides. Answers to oneself and to the post are left out.

    :param n: How many there are.
    :param cells: Row: stance of the comment that answers; column: of the comment that is answered; side a, side b,
        neutral. The shares of all nine add up to 1.
    :param across: Of the replies between sided comments, the share from one side to the other; None where there is no
        such reply.
    :param across_by_chance: What that share would be if sided comments were answered without regard to their side.
    """

    n: int
    cells: tuple[tuple[ReplyCell, ReplyCell, ReplyCell], ...]
    across: Estimate | None
    across_by_chance: float | None


def writers(stances: Stances) -> Ints:
    """A number for each comment's writer. A name stands for one person in a thread; a shared name for nobody.

    :returns: In order of first appearance, from 0. *Shape:* ``(n,)``
    """
    numbers: dict[tuple[str, str, str | None], int] = {}
    found = []
    for thread_id, comment in zip(stances.thread_ids, stances.comments, strict=True):
        own = ("comment", comment.id) if comment.has_shared_name else ("author", comment.author)
        found.append(numbers.setdefault((thread_id, *own), len(numbers)))
    return np.array(found, dtype=np.int64)


def people_of(stances: Stances, voices: Voices) -> tuple[Person, ...]:
    """Every writer, who writes most first, then in order of appearance."""
    order = np.argsort(voices.people, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(voices.people[order])) + 1) if len(order) else []
    tones = stances.sentiment_probabilities.argmax(axis=1) if len(stances) else np.zeros(0, dtype=np.int64)
    best = voices.people_by_class()
    people = [_person(stances, voices, rows, int(best[i]), tones) for i, rows in enumerate(groups)]
    return tuple(sorted(people, key=lambda person: -person.n_comments))


def concentration_of(people: Ints) -> Concentration | None:
    """Whether few people write most.

    :param people: Number of each comment's writer. *Shape:* ``(n,)``
    """
    if not len(people):
        return None
    written = np.sort(np.bincount(people))[::-1]
    n_people, n = len(written), int(written.sum())
    n_most = max(1, round(n_people / 10))
    ranks = np.arange(n_people, 0, -1)
    return Concentration(
        n_most_active=n_most,
        share_of_most_active=float(written[:n_most].sum() / n),
        n_for_half=int(np.searchsorted(np.cumsum(written), n / 2) + 1),
        gini=float(2 * (ranks * written).sum() / (n_people * n) - (n_people + 1) / n_people),
    )


def replies_of(stances: Stances, voices: Voices, seed: int = 0) -> Replies:
    """Who answers whom.

    Where the model's errors are known, the nine shares are the likeliest ones behind the probabilities (expectation
    maximisation; Saerens, Latinne and Decaestecker 2002), the errors on the two comments of a reply taken as
    independent. The intervals draw the people who answer anew (the bootstrap), and how much the model favours each
    stance in this dispute.

    :param seed: Of the draws; the same seed gives the same intervals.
    """
    children, parents = _replies(stances, voices.people)
    n = len(children)
    counts = np.bincount(3 * voices.answers[children] + voices.answers[parents], minlength=9)
    draws = _draws_of_replies(voices, children, parents, np.random.default_rng(seed)) if n else np.full((2, 9), 1 / 9)
    few = len(np.unique(voices.people[children])) < MIN_PEOPLE
    cells = tuple(
        ReplyCell(voices.labels[k // 3], voices.labels[k % 3], int(counts[k]), _estimate(draws[:, k] * (n > 0), few))
        for k in range(9)
    )
    sided = draws[:, [0, 1, 3, 4]]
    sums = np.maximum(sided.sum(axis=1), 1e-12)
    own, answered = (sided[:, 0] + sided[:, 1]) / sums, (sided[:, 0] + sided[:, 2]) / sums
    any_sided = n > 0 and counts[[0, 1, 3, 4]].sum() > 0
    return Replies(
        n=n,
        cells=(cells[:3], cells[3:6], cells[6:]),  # type: ignore[arg-type]
        across=_estimate((sided[:, 1] + sided[:, 2]) / sums, few) if any_sided else None,
        across_by_chance=float((own * (1 - answered) + (1 - own) * answered)[0]) if any_sided else None,
    )


def _person(stances: Stances, voices: Voices, rows: Ints, best: int, tones: Ints) -> Person:
    first = stances.comments[rows[0]]
    a, b, neutral = (int(count) for count in np.bincount(voices.answers[rows], minlength=3))
    p_a, p_b, p_neutral = map(float, voices.probabilities[rows].mean(axis=0))
    return Person(
        thread_id=stances.thread_ids[rows[0]],
        author=first.author,
        comment_ids=tuple(stances.comments[i].id for i in rows),
        label=voices.labels[best],
        probabilities=(p_a, p_b, p_neutral),
        counts=(a, b, neutral),
        steadiness=(a, b, neutral)[best] / len(rows) if len(rows) > 1 else None,
        on_both_sides=a > 0 and b > 0,
        share_of_comments=len(rows) / len(stances),
        sentiment=SENTIMENTS[int(np.bincount(tones[rows], minlength=3).argmax())],
        is_post_author=any(stances.comments[i].is_post_author for i in rows),
        has_shared_name=first.has_shared_name,
    )


def _replies(stances: Stances, people: Ints) -> tuple[Ints, Ints]:
    """Rows of comments that answer another's comment, and of the comments they answer."""
    row_of = {(name, comment.id): i for i, (name, comment) in enumerate(_named(stances))}
    pairs = [
        (i, row_of[name, comment.parent_id])
        for i, (name, comment) in enumerate(_named(stances))
        if comment.parent_id is not None and (name, comment.parent_id) in row_of
    ]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    found = found[people[found[:, 0]] != people[found[:, 1]]]
    return found[:, 0], found[:, 1]


def _named(stances: Stances) -> list[tuple[str, Comment]]:
    return list(zip(stances.thread_ids, stances.comments, strict=True))


def _draws_of_replies(voices: Voices, children: Ints, parents: Ints, rng: np.random.Generator) -> Floats:
    """Shares of the nine kinds of reply: the best estimate, then draws around it. *Shape:* ``(1 + draws, 9)``"""
    people = np.unique(voices.people[children], return_inverse=True)[1]
    n_people = int(people.max()) + 1
    drawn = rng.multinomial(n_people, np.full(n_people, 1 / n_people), _DRAWS)[:, people]
    weights = np.vstack([np.ones(len(children)), drawn.astype(np.float64)])
    if voices.errors is None:
        kinds = np.eye(9)[3 * voices.answers[children] + voices.answers[parents]]
        counted: Floats = weights @ kinds / np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
        return counted
    prior = voices.errors.prior
    ratios = voices.probabilities / prior
    joint = np.einsum("nk,nl->nkl", ratios[children], ratios[parents]).reshape(-1, 9)
    favour = np.vstack([np.ones(3), voices.errors.draw_favour(rng, _DRAWS)])
    tilt = 1.0 / np.einsum("dk,dl->dkl", favour, favour).reshape(-1, 9)
    shares = np.full((len(weights), 9), 1 / 9)
    totals = weights.sum(axis=1, keepdims=True)
    for _ in range(_STEPS):
        tilted = shares * tilt
        heard = weights / np.maximum(tilted @ joint.T, 1e-300)
        shares = (tilted * (heard @ joint) + 1 / 9) / (totals + 1)  # one reply more, spread evenly
    return shares


def _estimate(draws: Floats, few: bool) -> Estimate:
    """The first draw is the estimate, the others say how far it may be off."""
    best = float(draws[0])
    if few:
        return Estimate(best)
    low, high = np.quantile(draws[1:], [0.025, 0.975])
    return Estimate(best, min(float(low), best), max(float(high), best))
