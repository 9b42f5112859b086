"""The rules. One rule a file: `MEMBER` says what it is, `check(module)` gives the hits.

Codes: TS1xx training loop, TS2xx evaluation, TS3xx loss, TS4xx data, TS5xx model, TS6xx files.
"""
