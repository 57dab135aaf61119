"""The ranking score of a passage for a question."""

from collections.abc import Sequence
from dataclasses import dataclass

from genai.messages import Passage


@dataclass(frozen=True, slots=True)
class Fit:
    """The features of a passage, each at most 1.

    The cosines compare the question with the whole passage, with its most similar sentence, item or
    row, with its heading, and with the most similar question that it is known to answer (``asked``) or
    not to answer (``unanswered``); the last two are 0 if the document has no known questions.

    ``weighted_words`` and ``words`` are the shares of the question's words that occur in the passage or
    in the questions that it answers, weighted by rarity and equally.
    """

    passage: Passage
    whole: float
    best_unit: float
    heading: float
    weighted_words: float
    words: float
    asked: float = 0.0
    unanswered: float = 0.0

    @property
    def score(self) -> float:
        """A score between 0 and 1.

        The weights were chosen on the sample bank's questions and on XQuAD. Full-text scores are not
        used: they have no upper bound, and mislead if customers use other words than documents. So the
        full-text search only proposes passages, and the share of words judges them.

        The words of a passage with known questions are more informative, because they include
        customers' words. The text of a passage without any is treated as its known question.
        """
        semantic = max(0.0, 0.4 * self.whole + 0.4 * self.best_unit + 0.2 * self.heading)
        lexical = 0.5 * self.weighted_words + 0.5 * self.words
        if not self.passage.asked:
            return (semantic + 0.2 * lexical) / 1.2
        return 0.4 * semantic + 0.2 * lexical + 0.4 * max(0.0, self.asked)


def fitted(passage: Passage, cosines: Sequence[float], weighted_words: float, words: float) -> Fit:
    """``cosines`` are those of the passage's vectors, in order."""
    whole, heading, *others = cosines
    hints = len(others) - len(passage.unanswered)
    units = hints - len(passage.asked)
    return Fit(
        passage,
        whole,
        max(others[:units], default=0.0),
        heading,
        weighted_words,
        words,
        max(others[units:hints], default=0.0),
        max(others[hints:], default=0.0),
    )
