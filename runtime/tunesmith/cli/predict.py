"""`tunesmith predict RUN TEXT_OR_FILE...`: answers of the tuned model."""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith import shown
from tunesmith.cli.parts import run_choice
from tunesmith.cli.parts.progress_lines import ProgressLines

if TYPE_CHECKING:
    from tunesmith.data.rows import Rows
    from tunesmith.errors import Problem
    from tunesmith.use.load import LoadedRun

HELP = "ask the tuned model: texts, tables, images, folders of images"
MOST_SHOWN = 3
TYPED = "<text>"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    run_choice.add_run(parser)
    parser.add_argument(
        "inputs",
        metavar="TEXT_OR_FILE",
        nargs="+",
        help="a text, a table, a .txt file (a row a line), an image, a "
        "folder of images, or - for lines from the standard input; where the model searches, texts are looked for in "
        "the files beside them",
    )
    parser.add_argument("--checkpoint", default="best", metavar="WHICH", help="best (default), newest, or step-N")
    parser.add_argument("--batch-size", type=int, metavar="N", help="rows at once (default: the job's)")
    parser.add_argument(
        "--max-new-tokens",
        type=int,
        metavar="N",
        help="language models: how much to write (default: the job's, or 128)",
    )
    parser.add_argument(
        "--temperature",
        type=float,
        default=0.0,
        metavar="T",
        help="language models: 0 (default) takes the most probable token, higher is more varied",
    )
    parser.add_argument("--seed", type=int, default=0, help="language models: which numbers to draw tokens by")
    parser.add_argument("--loss", action="store_true", help="language models: how likely each text is, nothing written")
    parser.add_argument(
        "--top", type=int, default=10, metavar="N", help="search: how many rows of the files to name for each text"
    )
    run_choice.add_json(parser, "print one JSON object a row and line, with file, line and all probabilities")


def run(arguments: argparse.Namespace) -> int:
    """Print one answer a row."""
    from tunesmith.data.time_left import TimeLeft
    from tunesmith.errors import TunesmithError
    from tunesmith.use.generate import answered
    from tunesmith.use.inputs import gather
    from tunesmith.use.load import load_run
    from tunesmith.use.predict import reading_problems

    if arguments.top < 1:
        raise TunesmithError("use.wrong-value", "--top must be at least 1", found=str(arguments.top))
    if arguments.batch_size is not None and arguments.batch_size < 1:
        raise TunesmithError("use.wrong-value", "--batch-size must be at least 1", found=str(arguments.batch_size))
    loaded = load_run(run_choice.found_run(arguments), checkpoint=arguments.checkpoint)
    for text in loaded.notes:
        run_choice.note(f"warning: {text}")
    words: list[str] = []
    for word in arguments.inputs:
        # not splitlines: it takes a form feed and U+2028 for line ends, too
        words += [line for line in sys.stdin.read().split("\n") if line.strip()] if word == "-" else [word]
    notes: list[Problem] = []
    on_progress = ProgressLines(shown=sys.stderr.isatty() and not sys.stdout.isatty())  # else the answers say it
    groups = gather(loaded, words, Path.cwd(), judged=arguments.loss, notes=notes, on_progress=on_progress)
    for problem in notes:
        run_choice.note(str(problem))
    typed = [rows for rows in groups if str(rows.files[0]) == TYPED]
    if loaded.task.searches and 0 < len(typed) < len(groups):
        return _search(loaded, typed, [rows for rows in groups if str(rows.files[0]) != TYPED], arguments)
    for rows in groups:
        for problem in reading_problems(loaded, rows):
            run_choice.note(str(problem))
        done, left = 0, TimeLeft()
        for some, found in answered(
            loaded,
            rows,
            judged=arguments.loss,
            batch_size=arguments.batch_size,
            max_new_tokens=arguments.max_new_tokens,
            temperature=arguments.temperature,
            seed=arguments.seed,
        ):
            lines = [_answer_line(some, row, answer, as_json=arguments.json) for row, answer in enumerate(found)]
            # at once: where the command is interrupted, no half of a line is left
            sys.stdout.write("".join(f"{line}\n" for line in lines))
            sys.stdout.flush()
            done += len(some)
            on_progress(f"answered {done:,} of {len(rows):,} rows ({100 * done // len(rows)}%){left(done / len(rows))}")
    return 0


def _answer_line(rows: Rows, row: int, answer: Mapping[str, Any], *, as_json: bool) -> str:
    """What is printed for a row."""
    from tunesmith.files import finite
    from tunesmith.use.predict import input_of

    place, asked = rows.place(row), input_of(rows, row)
    file = None if str(place.file) == TYPED else str(place.file)
    if as_json:
        fields = {"file": file, "line": place.line if file else None, "input": asked, **answer}
        return json.dumps(finite(fields), ensure_ascii=False)
    return _line(answer, asked, f"{file}:{place.line}" if file else "")


def _search(loaded: LoadedRun, typed: list[Rows], files: list[Rows], arguments: argparse.Namespace) -> int:
    """Print for each typed text the rows of the files that answer it best."""
    from tunesmith.files import finite
    from tunesmith.use.predict import input_of, search

    for queries in typed:
        answers = search(loaded, queries, files, most=arguments.top, batch_size=arguments.batch_size)
        for number, answer in enumerate(answers):
            asked = input_of(queries, number)
            if arguments.json:
                print(json.dumps(finite({"input": asked, **answer}), ensure_ascii=False))
                continue
            print(shown.line(str(asked)))
            for place, row in enumerate(answer["found"], start=1):
                text = " ".join(row["text"].split())
                print(_cut(f"{place:>4}  {row['similarity']:6.3f}  {row['file']}:{row['line']}  {text}"))
    return 0


def _line(answer: Mapping[str, Any], given: Any, place: str) -> str:
    """The answer first, then what was asked, on one line of the terminal (written text is not cut)."""
    if "text" in answer:
        return f"{given}\n{answer['text']}\n"
    if "spans" in answer:
        return shown.line(f"{place + '  ' if place else ''}{_marked(answer['spans'], given)}")
    begin = f"{_answer_text(answer):<28}  "
    if isinstance(given, Mapping) and "answer" in answer:
        given = next(iter(given.values()))  # the question; the text in which the answer stands is long
    asked = " ".join(str(given).split()) if place == "" or isinstance(given, str) else ""
    return _cut(f"{begin}{place + '  ' if place else ''}{asked}")


def _cut(text: str) -> str:
    """On one line of the terminal."""
    width = shutil.get_terminal_size((100, 24)).columns
    whole = shown.line(text)
    return whole if len(whole) <= width else whole[: width - 1] + "…"


def _marked(spans: Sequence[Mapping[str, Any]], given: Any) -> str:
    """What was asked, as words or as a text, with the spans of the answer in brackets."""
    from tunesmith.judged import MarkedText, Span, marked

    text = given if isinstance(given, str) else " ".join(map(str, given))
    found = [Span(start=span["start"], end=span["end"], label=span["label"]) for span in spans]
    return marked(MarkedText(text=text, spans=found))


def _answer_text(answer: Mapping[str, Any]) -> str:
    if "label" in answer:
        others = sorted(answer.get("probabilities", {}).items(), key=lambda item: -item[1])[1:MOST_SHOWN]
        more = "".join(f", {name} {value:.1%}" for name, value in others)
        return f"{answer['label']} {answer['probability']:.1%}" + (f" ({more[2:]})" if more and len(others) > 1 else "")
    if "answer" in answer:
        return f"{answer['answer'] or '(no answer)'} {answer['probability']:.1%}"
    if "labels" in answer:
        given = answer.get("probabilities", {})
        return ", ".join(f"{name} {given[name]:.1%}" for name in answer["labels"]) or "(no label)"
    if "value" in answer:
        return f"{answer['value']:.6g}"
    if "embedding" in answer:
        vector = answer["embedding"]
        first = ", ".join(f"{value:.3g}" for value in vector[:MOST_SHOWN])
        return f"{len(vector)} numbers, norm {math.hypot(*vector):.4g}: {first}, ..."
    if "values" in answer:
        return ", ".join(f"{value:.6g}" for value in answer["values"])
    return ", ".join(f"{name} {value:.4g}" for name, value in answer.items() if isinstance(value, (int, float)))
