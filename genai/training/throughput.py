"""Computes FLOPs of training, and the share of the chip's peak (MFU)."""

from dataclasses import dataclass

from genai.training.settings import Precision

DENSE_TFLOPS = {
    # name in the device's own words: (bf16 or fp16, fp32), without sparsity, from the data sheets
    "H200": (989.0, 67.0),
    "H100 PCIe": (756.0, 51.0),
    "H100": (989.0, 67.0),
    "GH200": (989.0, 67.0),
    "B200": (2250.0, 80.0),
    "A100": (312.0, 19.5),
    "A10G": (70.0, 35.0),
    "A10": (125.0, 31.2),
    "L40S": (362.0, 91.6),
    "L40": (181.0, 90.5),
    "L4": (121.0, 30.3),
    "T4": (65.0, 8.1),
    "V100": (125.0, 15.7),
}


@dataclass(frozen=True, slots=True)
class ModelDimensions:
    """What decides the arithmetic of a model. ``parameters`` are those that multiply each token."""

    parameters: int
    layers: int
    width: int
    frozen: bool = False

    def flops(self, tokens: int, squared: int) -> float:
        """Of training on sequences with ``tokens`` in all, ``squared`` being the sum of squares of
        their lengths. A frozen model needs no gradients of its weights, a third of the work."""
        passes = 2 if self.frozen else 3
        return passes * (2.0 * self.parameters * tokens + 4.0 * self.layers * self.width * squared)


def peak_flops(device: str, precision: Precision) -> float | None:
    """Per second; None for a device that the table does not know."""
    for name, (short, full) in DENSE_TFLOPS.items():
        if name in device:
            return (full if precision == "fp32" else short) * 1e12
    return None
