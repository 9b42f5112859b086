package dev.tunesmith.core.support

import java.nio.channels.FileChannel
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.WRITE
import java.security.MessageDigest
import java.util.HexFormat
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.invariantSeparatorsPathString
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.moveTo
import kotlin.io.path.readBytes
import kotlin.io.path.relativeTo
import kotlin.io.path.walk

private val folders: Path by lazy {
    Path.of(checkNotNull(System.getProperty("tunesmith.output"))).resolve("made-once").toAbsolutePath()
}

/**
 * The folder that [make] has filled: once for all tests, those of other JVMs at the same time included, and anew when
 * [sources] (files, or folders with all that is in them) or [also] are others.
 */
@Synchronized
internal fun madeOnce(name: String, sources: List<Path>, also: String = "", make: (Path) -> Unit): Path {
    val made = folders.createDirectories().resolve("$name-${digest(sources, also)}")
    FileChannel.open(folders.resolve("$name.lock"), CREATE, WRITE).use { lock ->
        lock.lock()
        if (!made.exists()) {
            folders.listDirectoryEntries("$name-*").forEach { it.toFile().deleteRecursively() }
            val making = folders.resolve("$name-making").createDirectories()
            make(making)
            making.moveTo(made, ATOMIC_MOVE)
        }
    }
    return made
}

private fun digest(sources: List<Path>, also: String): String {
    val digest = MessageDigest.getInstance("SHA-256")
    digest.update(also.toByteArray())
    val files = sources.flatMap { source -> source.walk().filter { "__pycache__" !in it.toString() } }
    for (file in files.sorted()) {
        digest.update("\n${file.relativeTo(root).invariantSeparatorsPathString}\n".toByteArray())
        digest.update(file.readBytes())
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8)
}
