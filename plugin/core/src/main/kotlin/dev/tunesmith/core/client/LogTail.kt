package dev.tunesmith.core.client

import java.io.InputStream

/** Keeps the last [lines] lines of what a server prints, each cut after [width] characters, however much that is. */
internal class LogTail(private val lines: Int = 200, private val width: Int = 2_000) {
    private val kept = ArrayDeque<String>()

    /** The lines kept so far, oldest first. */
    fun snapshot(): List<String> = synchronized(kept) { kept.toList() }

    fun add(line: String) = synchronized(kept) {
        if (kept.size == lines) kept.removeFirst()
        kept.addLast(if (line.length > width) line.take(width) + " …" else line)
    }

    /** Read [stream] to its end. Blocks; a line without an end does not pile up. */
    fun drain(stream: InputStream) {
        val reader = stream.bufferedReader()
        val line = StringBuilder()
        while (true) {
            val character = reader.read()
            if (character == -1 || character == '\n'.code) {
                if (line.isNotEmpty()) add(line.toString().trimEnd('\r'))
                line.clear()
                if (character == -1) return
            } else if (line.length <= width) {
                line.append(character.toChar())
            }
        }
    }
}
