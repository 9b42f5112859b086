package dev.tunesmith.core.client

import java.nio.file.Path

/**
 * How the server is started.
 *
 * @property command The interpreter and its arguments.
 * @property folder The workspace's folder: the server's working directory and LSP's root.
 * @property environment What its environment has beyond ours.
 */
public data class ServerCommand(
    val command: List<String>,
    val folder: Path,
    val environment: Map<String, String> = emptyMap(),
) {
    public companion object {
        /** `tunesmith serve` of the runtime that is installed for the interpreter [python]. */
        public fun of(python: Path, folder: Path): ServerCommand = ServerCommand(
            listOf(python.toString(), "-u", "-m", "tunesmith", "serve"),
            folder,
            mapOf("PYTHONUTF8" to "1"),
        )
    }
}
