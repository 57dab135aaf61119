"""How well a passage fits a question."""

from dataclasses import dataclass

from genai.messages import Passage


@dataclass(frozen=True, slots=True)
class Fit:
    """What speaks for a passage; everything is at most 1.

    The cosines compare the question with the whole passage, with its most similar sentence, item or
    row, and with its heading. ``weighted_words`` and ``words`` are the shares of the question's
    words that stand in the passage, with rare words counting more, and with all counting the same.
    """

    passage: Passage
    whole: float
    best_unit: float
    heading: float
    weighted_words: float
    words: float

    @property
    def score(self) -> float:
        """Between 0 and 1.

        The weights were chosen on the sample bank's questions and on XQuAD. Full-text scores have
        no upper bound, and mislead where customers use other words than documents: the full-text
        search only proposes passages, and the share of words judges them.
        """
        semantic = 0.4 * self.whole + 0.4 * self.best_unit + 0.2 * self.heading
        lexical = 0.5 * self.weighted_words + 0.5 * self.words
        return max(0.0, semantic + 0.2 * lexical) / 1.2
