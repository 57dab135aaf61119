"""Train the classifier of prompt injections that the project ships, and measure it.

python -m jobs.train_injection --data ../shared/data [--config jobs/train_injection.yaml]
    [--out genai/safety/injection_model.npz] [--no-figures]
"""

import sys
from pathlib import Path

from genai.safety.injection_classifier import SHIPPED
from jobs.train_classifier import ClassifierJob

JOB = ClassifierJob("train_injection", __doc__ or "", Path("jobs/train_injection.yaml"), SHIPPED)
main = JOB.run

if __name__ == "__main__":
    sys.exit(main())
