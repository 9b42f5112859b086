"""The language that a command speaks: `--lang`, else TUNESMITH_LANG, else that of the terminal."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping

_VARIABLES = ("TUNESMITH_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
_NAMES: Mapping[str, Mapping[str, str]] = {
    "zh-CN": {
        "Default": "默认值",
        "Allowed": "可取的值",
        "Unit": "单位",
        "Advice": "建议",
        "When": "何时使用",
        "Also called": "又称",
        "Formula": "公式",
        "Source": "来源",
        "Range": "范围",
        "Targets": "目标的种类",
        "Usual learning rate": "常用学习率",
        "From scratch": "从头训练时",
        "Learning rate": "学习率",
        "Metrics": "指标",
        "Models": "模型",
        "Imbalance remedies": "类别不平衡的补救",
        "File names end in": "文件名的结尾",
        "Options": "选项",
        "Better": "更好",
        "higher": "越高越好",
        "lower": "越低越好",
        "yes": "有",
        "no": "无",
        "required": "必填",
        "none": "无",
        "word": "词",
        "task": "任务",
        "model": "模型来源",
        "method": "微调方法",
        "loss": "损失",
        "optimizer": "优化器",
        "schedule": "学习率调度",
        "split": "划分方法",
        "reader": "数据格式",
        "key": "任务文件的键",
        "metric": "指标",
        "error": "错误代码",
        "inspection": "代码检查规则",
    }
}
"""Names of facts, beside the texts of the catalog that `languages` has."""


def add_language(parser: argparse.ArgumentParser) -> None:
    """Declare `--lang`."""
    parser.add_argument("--lang", metavar="TAG", help="en or zh-CN (default: the language of the terminal)")


def chosen_language(arguments: argparse.Namespace) -> str:
    """ "" for English, or the name of a language that there is; another one is answered in English."""
    from tunesmith.server.languages import language_of

    for tag in (arguments.lang, *map(os.environ.get, _VARIABLES)):
        if tag:
            return language_of(tag.split(".")[0])
    return ""


def translator(language: str) -> Callable[[str], str]:
    """What puts a text into that language; one that it does not have stays as it is."""
    from tunesmith.server.languages import texts

    known = {**texts(language), **_NAMES[language]} if language else {}
    return lambda text: known.get(text, text)
