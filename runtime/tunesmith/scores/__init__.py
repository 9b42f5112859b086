"""Figures of merit, in plain numpy: the one place where the loop, the report and the card get them from.

Each follows scikit-learn's definition; a test compares them on random cases. What is not finite counts as wrong.
"""
