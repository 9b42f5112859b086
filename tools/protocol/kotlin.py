"""Kotlin: data classes with a default for every field, constants for words, the table of methods, shapes."""

from __future__ import annotations

import textwrap
from types import ModuleType

from protocol.shapes import Field, Kind, all_messages, areas, fields_of, messages_of, words_of
from tunesmith.protocol import VERSION
from tunesmith.protocol.message import Words
from tunesmith.protocol.method import Request
from tunesmith.protocol.table import METHODS

HEAD = """// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol
"""
WIDTH = 120


def kotlin_files() -> dict[str, str]:
    """Content by file name."""
    files = {f"Generated{name.capitalize()}.kt": _area(area) for name, area in areas()}
    return {**files, "GeneratedMethods.kt": _methods(), "GeneratedShapes.kt": _shapes()}


def _area(area: ModuleType) -> str:
    parts = [HEAD, *(_words(words) for words in words_of(area)), *(_class(item) for item in messages_of(area))]
    return "\n".join(parts)


def _comment(text: str, indent: str = "") -> str:
    paragraphs = [" ".join(part.split()) for part in text.strip().split("\n\n")]
    if len(paragraphs) == 1 and len(indent) + len(paragraphs[0]) + 7 <= WIDTH:
        return f"{indent}/** {_safe(paragraphs[0])} */"
    lines: list[str] = []
    for paragraph in paragraphs:
        lines += [*([""] if lines else []), *textwrap.wrap(_safe(paragraph), WIDTH - len(indent) - 3)]
    return "\n".join([f"{indent}/**", *(f"{indent} * {line}".rstrip() for line in lines), f"{indent} */"])


def _safe(text: str) -> str:
    """Kotlin's comments nest, and brackets make links in them."""
    if "/*" in text or "*/" in text:
        raise ValueError(f"this text would end or open a comment: {text}")
    return text.replace("[", "\\[").replace("]", "\\]")


def _words(words: Words) -> str:
    openness = "There may be more of them one day." if words.open else "The server refuses others."
    lines = [_comment(f"The values of a field. {openness}"), f"public object {words.name} {{"]
    for word, meaning in words.meanings.items():
        lines += [_comment(meaning, "    "), f'    public const val {_constant(word)}: String = "{word}"', ""]
    listed = ", ".join(_constant(word) for word in words.meanings)
    whole = f"    public val ALL: List<String> = listOf({listed})"
    if len(whole) > WIDTH:
        several = "".join(f"            {_constant(word)},\n" for word in words.meanings)
        whole = f"    public val ALL: List<String> =\n        listOf(\n{several}        )"
    return "\n".join([*lines, _comment("All that this version knows.", "    "), whole, "}", ""])


def _constant(word: str) -> str:
    return word.replace("-", "_").replace("*", "ALL").upper()


def _class(message: type) -> str:
    about = fields_of(message)
    text = message.__doc__ or ""
    if not about:
        return f"{_comment(text)}\npublic class {message.__name__}\n"
    lines = ["/**", *(f" * {line}".rstrip() for line in _wrapped(text)), " *"]
    for item in about:
        told = f"@property {item.name} {_safe(item.help)}" + (f" Unit: {item.unit}." if item.unit else "")
        first, *rest = textwrap.wrap(told, WIDTH - 3, subsequent_indent="    ")
        lines += [f" * {first}", *(f" * {line}" for line in rest)]
    values = [f"val {item.name}: {_type(item.kind)} = {_default(item)}" for item in about]
    whole = f"public data class {message.__name__}({', '.join(values)})"
    if len(whole) <= WIDTH:
        return "\n".join([*lines, " */", whole, ""])
    listed = [f"    {value}," for value in values]
    return "\n".join([*lines, " */", f"public data class {message.__name__}(", *listed, ")", ""])


def _wrapped(text: str) -> list[str]:
    lines: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        lines += [*([""] if lines else []), *textwrap.wrap(_safe(" ".join(paragraph.split())), WIDTH - 3)]
    return lines


_PLAIN = {"text": "String", "whole": "Long", "number": "Double", "flag": "Boolean", "any": "Any?"}


def _type(kind: Kind) -> str:
    if kind.message is not None:
        found = kind.message.__name__
    elif kind.inner is not None:
        found = f"List<{_type(kind.inner)}>" if kind.name == "list" else f"Map<String, {_type(kind.inner)}>"
    else:
        found = _PLAIN[kind.name]
    return f"{found}?" if kind.nullable else found


def _default(item: Field) -> str:
    """What the field holds where the message leaves it out; for required ones something of the right type."""
    kind, value = item.kind, item.default
    if kind.nullable or kind.name == "any":
        return "null"
    if kind.message is not None:
        return f"{kind.message.__name__}()"
    if kind.name == "list":
        return f"listOf({', '.join(map(_literal, value))})" if value else "emptyList()"
    if kind.name == "map":
        return "emptyMap()"
    return _literal({"text": "", "whole": 0, "number": 0.0, "flag": False}[kind.name] if item.required else value)


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'
    return str(value)


def _methods() -> str:
    lines = [
        HEAD,
        "/** The version of the protocol that these classes speak. */",
        f"public const val PROTOCOL_VERSION: Int = {VERSION}",
        "",
        "/**",
        " * A request of the protocol.",
        " *",
        " * @property name The method's name in JSON-RPC.",
        " * @property slow Whether it may take longer than half a second, and reports progress.",
        " */",
        "public class RequestMethod<P : Any, R : Any>(",
        "    public val name: String,",
        "    public val params: Class<P>,",
        "    public val result: Class<R>,",
        "    public val slow: Boolean,",
        ")",
        "",
        "/**",
        " * A notification of the protocol.",
        " *",
        " * @property name The method's name in JSON-RPC.",
        " */",
        "public class NotificationMethod<P : Any>(public val name: String, public val params: Class<P>)",
        "",
        "/** All methods of the protocol. */",
        "public object Methods {",
    ]
    for number, method in enumerate(METHODS):
        lines += [""] if number else []
        lines.append(_comment(method.purpose, "    "))
        short, params = method.name.rpartition("/")[2], method.params.__name__
        if isinstance(method, Request):
            result = method.result.__name__
            lines += [f"    public val {short}: RequestMethod<{params}, {result}> ="]
            arguments = f'"{method.name}", {params}::class.java, {result}::class.java, slow = {_literal(method.slow)}'
            lines += [f"        RequestMethod({arguments})"]
        else:
            lines += [f"    public val {short}: NotificationMethod<{params}> ="]
            lines += [f'        NotificationMethod("{method.name}", {params}::class.java)']
    return "\n".join([*lines, "}", ""])


def _shapes() -> str:
    about = "Each message as text: `name:type` with `!` where it is required and `<a|b>` where words are closed."
    lines = [HEAD, f"/** {about} */", "internal val SHAPES: Map<String, String> =", "    mapOf("]
    for message in all_messages():
        shape = [_shape(item) for item in fields_of(message)]
        lines.append(f'        "{message.__name__}" to')
        whole = " ".join(shape)
        pieces = textwrap.wrap(whole, 100, break_long_words=False, break_on_hyphens=False) or [""]
        quoted = [f'"{piece}{" " * (number < len(pieces))}"' for number, piece in enumerate(pieces, start=1)]
        lines.append("            " + " +\n            ".join(quoted) + ",")
    return "\n".join([*lines, "    )", ""])


def _shape(item: Field) -> str:
    words = f"<{'|'.join(item.words.meanings)}>" if item.words and not item.words.open else ""
    return f"{item.name}:{_shape_type(item.kind)}{'!' * item.required}{words}"


def _shape_type(kind: Kind) -> str:
    if kind.message is not None:
        found = kind.message.__name__
    elif kind.inner is not None:
        found = f"[{_shape_type(kind.inner)}]" if kind.name == "list" else f"{{{_shape_type(kind.inner)}}}"
    else:
        found = kind.name
    return f"{found}?" if kind.nullable else found
