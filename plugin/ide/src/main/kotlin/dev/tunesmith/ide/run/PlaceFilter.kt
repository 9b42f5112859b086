package dev.tunesmith.ide.run

import com.intellij.execution.filters.Filter
import com.intellij.execution.filters.HyperlinkInfo
import com.intellij.openapi.project.DumbAware
import dev.tunesmith.core.launch.consoleLinks
import dev.tunesmith.ide.window.Places
import java.nio.file.Path

/** Makes links of the files, lines and rows that a worker names. */
internal class PlaceFilter(private val folder: Path, private val places: Places) :
    Filter,
    DumbAware {
    override fun applyFilter(line: String, entireLength: Int): Filter.Result? {
        val links = consoleLinks(line, folder)
        if (links.isEmpty()) return null
        val start = entireLength - line.length
        return Filter.Result(
            links.map { link ->
                val open = HyperlinkInfo { places.open(link.file, link.line) }
                Filter.ResultItem(start + link.from, start + link.to, open)
            },
        )
    }
}
