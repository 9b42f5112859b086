"""Makes data/digits/: 1,797 handwritten digits as 28 x 28 pictures, one folder a digit.

Source: E. Alpaydin & C. Kaynak, UCI "Optical Recognition of Handwritten Digits" (test part); comes with scikit-learn
in 8 x 8 pixels. Run: python prepare.py
"""

from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits


def main() -> None:
    """Write one PNG a digit, enlarged from 8 x 8 with values 0 to 16."""
    digits = load_digits()
    target = Path(__file__).parent / "data" / "digits"
    for number, (pixels, digit) in enumerate(zip(digits.images, digits.target.tolist(), strict=True)):
        folder = target / str(digit)
        folder.mkdir(parents=True, exist_ok=True)
        small = Image.fromarray((pixels * 255 / 16).astype(np.uint8))
        small.resize((28, 28), Image.Resampling.BILINEAR).save(folder / f"{number:04}.png")


if __name__ == "__main__":
    main()
