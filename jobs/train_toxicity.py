"""Train the classifier of insults, threats and contempt that the project ships, and measure it.

python -m jobs.train_toxicity --data ../shared/data [--config jobs/train_toxicity.yaml]
    [--out genai/safety/toxicity_model.npz] [--no-figures]
"""

import sys
from pathlib import Path

from genai.safety.toxicity import SHIPPED
from jobs.train_classifier import ClassifierJob

JOB = ClassifierJob("train_toxicity", __doc__ or "", Path("jobs/train_toxicity.yaml"), SHIPPED)
main = JOB.run

if __name__ == "__main__":
    sys.exit(main())
