package dev.tunesmith.core.client

import java.io.BufferedInputStream
import java.io.InputStream

/**
 * Takes messages out of a stream in LSP's base protocol, and survives what is not one.
 *
 * Libraries that a server imports print to stdout now and then. Such lines go to [noise]; only after [patience]
 * bytes of them without a message between is the stream given up with [NotTheProtocol].
 */
internal class FrameReader(
    stream: InputStream,
    private val patience: Int = 1 shl 20,
    private val largest: Int = 1 shl 28,
    private val noise: (String) -> Unit,
) {
    private val input = BufferedInputStream(stream, 1 shl 16)
    private var nonsense = 0

    /** The text of the next message, or null at the stream's end. Blocks. */
    fun next(): String? {
        var length = -1
        while (true) {
            val line = line() ?: return null
            val header = LENGTH.find(line)
            when {
                header != null -> {
                    if (header.range.first > 0) ignore(line.take(header.range.first))
                    length = header.groupValues[1].toIntOrNull()?.takeIf { it <= largest } ?: throw NotTheProtocol(line)
                }

                line.isEmpty() && length >= 0 -> return body(length)

                length < 0 || ':' !in line -> ignore(line)
            }
        }
    }

    /** A message was understood: what was ignored before it no longer counts. */
    fun understood() {
        nonsense = 0
    }

    /** This text makes no sense as a message or as part of one. */
    fun ignore(text: String) {
        if (text.isNotBlank()) noise(text)
        nonsense += text.length + 1
        if (nonsense > patience) throw NotTheProtocol(text.take(SAMPLE))
    }

    private fun body(length: Int): String? {
        val bytes = input.readNBytes(length)
        return if (bytes.size < length) null else String(bytes, Charsets.UTF_8)
    }

    /** A line without its end, cut after [LONGEST_LINE] bytes; null at the stream's end. */
    private fun line(): String? {
        val bytes = StringBuilder()
        while (bytes.length < LONGEST_LINE) {
            val byte = input.read()
            if (byte == -1) return if (bytes.isEmpty()) null else bytes.toString()
            if (byte == '\n'.code) break
            bytes.append(byte.toChar())
        }
        return bytes.toString().trimEnd('\r')
    }

    private companion object {
        val LENGTH = Regex("""Content-Length: *(\d+)\s*$""", RegexOption.IGNORE_CASE)
        const val LONGEST_LINE = 8_192
        const val SAMPLE = 200
    }
}
