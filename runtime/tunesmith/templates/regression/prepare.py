"""Makes data/diabetes.csv: ten measurements of 442 patients and how their disease went on within a year.

Source: Efron, Hastie, Johnstone & Tibshirani 2004, "Least Angle Regression"; comes with scikit-learn.
Run: python prepare.py
"""

import csv
from pathlib import Path

from sklearn.datasets import load_diabetes


def main() -> None:
    """Write the table as scikit-learn has it: measurements scaled, the target as it was recorded (25 to 346)."""
    patients = load_diabetes()
    target = Path(__file__).parent / "data" / "diabetes.csv"
    target.parent.mkdir(exist_ok=True)
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*patients.feature_names, "progression"])
        for measured, progression in zip(patients.data.tolist(), patients.target.tolist(), strict=True):
            writer.writerow([*(f"{value:.6f}" for value in measured), f"{progression:g}"])


if __name__ == "__main__":
    main()
