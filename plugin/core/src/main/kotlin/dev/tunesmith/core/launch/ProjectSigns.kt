package dev.tunesmith.core.launch

import java.io.IOException
import java.nio.file.FileVisitResult
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.SimpleFileVisitor
import java.nio.file.attribute.BasicFileAttributes
import kotlin.io.path.isDirectory
import kotlin.io.path.name

/** Tells whether there is any fine-tuning in a folder, so that nothing is started for projects that have none. */
public object ProjectSigns {
    /**
     * Whether [project] has runs, or a job file not deeper than [depth] folders; hidden folders and environments are
     * not looked into. Reads folders: not for the UI thread. Looks at [most] files and folders at most.
     */
    public fun found(project: Path, depth: Int = 4, most: Int = 20_000): Boolean {
        if (project.resolve(".tunesmith").isDirectory()) return true
        val search = Search(project, most)
        return try {
            Files.walkFileTree(project, emptySet(), depth, search)
            search.found
        } catch (_: IOException) {
            false
        }
    }

    private class Search(private val project: Path, private var left: Int) : SimpleFileVisitor<Path>() {
        var found = false

        override fun preVisitDirectory(folder: Path, attributes: BasicFileAttributes): FileVisitResult {
            val isOfNoInterest = folder != project && (folder.name.startsWith(".") || folder.name in SKIPPED)
            return if (isOfNoInterest) FileVisitResult.SKIP_SUBTREE else goOn()
        }

        override fun visitFile(file: Path, attributes: BasicFileAttributes): FileVisitResult {
            found = attributes.isRegularFile && RunSettings.isJobFile(file.name)
            return if (found) FileVisitResult.TERMINATE else goOn()
        }

        override fun visitFileFailed(file: Path, failure: IOException): FileVisitResult = goOn()

        private fun goOn() = if (--left > 0) FileVisitResult.CONTINUE else FileVisitResult.TERMINATE
    }

    private val SKIPPED = setOf("node_modules", "site-packages", "venv", "env", "__pycache__")
}
