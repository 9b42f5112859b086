package dev.tunesmith.core.environment

import java.io.IOException
import java.nio.file.Path
import java.util.zip.ZipFile
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/**
 * The runtime as the plugin carries it.
 *
 * @property requires Which Pythons it is for, such as `<3.14,>=3.10`.
 */
public data class Wheel(val path: Path, val version: String, val requires: String) {
    /** Whether the runtime is for a Python of this [version]. */
    public fun fits(version: String): Boolean {
        val found = numbers(version)
        return requires.split(',').map { it.trim() }.filter { it.isNotEmpty() }.all { clause ->
            val limit = numbers(clause)
            val order = (0 until maxOf(found.size, limit.size)).firstNotNullOfOrNull { place ->
                (found.getOrElse(place) { 0 } - limit.getOrElse(place) { 0 }).takeIf { it != 0 }
            } ?: 0
            when {
                clause.startsWith(">=") -> order >= 0
                clause.startsWith("<") && !clause.startsWith("<=") -> order < 0
                else -> true // pip has the last word
            }
        }
    }

    public companion object {
        /** The one in [folder]; null where there is none. Reads the disk. */
        public fun find(folder: Path): Wheel? {
            val wheels = if (folder.isDirectory()) folder.listDirectoryEntries("tunesmith-*.whl") else emptyList()
            return wheels.maxByOrNull { it.name }?.let(::read)
        }

        /** Reads [path]. @throws IOException where it is not a wheel. */
        public fun read(path: Path): Wheel = ZipFile(path.toFile()).use { zip ->
            val entry = zip.entries().asSequence().firstOrNull { it.name.endsWith(".dist-info/METADATA") }
                ?: throw IOException("$path is not a wheel")
            val lines = zip.getInputStream(entry).bufferedReader().lineSequence().takeWhile { it.isNotEmpty() }.toList()

            fun field(name: String): String {
                val line = lines.firstOrNull { it.startsWith("$name:") } ?: return ""
                return line.substringAfter(':').trim()
            }
            Wheel(path, field("Version"), field("Requires-Python"))
        }

        private fun numbers(text: String): List<Int> =
            Regex("\\d+").findAll(text.substringBefore('+')).map { it.value.toInt() }.take(3).toList()
    }
}
