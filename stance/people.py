"""Who writes, how steady they are, and who answers whom: the nouns."""

from __future__ import annotations

from dataclasses import dataclass

from stance.shares import Estimate


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
