"""Inspections of training code in Python: the classic mistakes, found in the syntax tree; nothing of it is run.

| file            | what it holds                                                            |
|-----------------|--------------------------------------------------------------------------|
| `rules/`        | one rule a file: what it is, examples, and `check(module) -> hits`       |
| `contract.py`   | findings, fixes, edits                                                   |
| `index.py`      | one pass over the tree; `scopes.py`: names and what they are bound to    |
| `module.py`     | queries of the rules: which value reaches here, what kind of object is it  |
| `engine.py`     | `inspect(source, path)`: all rules over one file                         |
| `as_json.py`    | the same for a helper process of the server, findings as JSON            |
| `reference.py`  | writes docs/inspections.md from the rules                                |
"""
