package dev.tunesmith.core.launch

import dev.tunesmith.core.panels.links
import java.nio.file.InvalidPathException
import java.nio.file.Path

/**
 * A place in a file that a line of a worker names.
 *
 * @property from Where the words for it begin in the line, from 0; [to] is where they end.
 * @property file Absolute.
 * @property line From 1.
 */
public data class ConsoleLink(val from: Int, val to: Int, val file: Path, val line: Long)

/** The places that [line] names; relative ones are meant from [folder], the project's. Looks at no file. */
public fun consoleLinks(line: String, folder: Path): List<ConsoleLink> = links(line).mapNotNull { link ->
    val file = try {
        folder.resolve(link.file).normalize()
    } catch (_: InvalidPathException) {
        return@mapNotNull null
    }
    ConsoleLink(link.from, link.to, file, link.line)
}
