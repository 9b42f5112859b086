package dev.tunesmith.core.client

import dev.tunesmith.core.protocol.ClientOptions
import java.nio.file.Path
import java.util.Locale

/**
 * How the server is started.
 *
 * @property command The interpreter and its arguments.
 * @property folder The workspace's folder: the server's working directory and LSP's root.
 * @property environment What its environment has beyond ours.
 * @property options What it is told in the handshake, such as whether the user trusts the workspace.
 * @property locale The language of its help texts; English where it does not have that one.
 */
public data class ServerCommand(
    val command: List<String>,
    val folder: Path,
    val environment: Map<String, String> = emptyMap(),
    val options: ClientOptions = ClientOptions(),
    val locale: Locale = Locale.ENGLISH,
) {
    public companion object {
        /** `tunesmith serve` of the runtime that is installed for the interpreter [python]. */
        public fun of(
            python: Path,
            folder: Path,
            options: ClientOptions = ClientOptions(),
            environment: Map<String, String> = emptyMap(),
            locale: Locale = Locale.ENGLISH,
        ): ServerCommand = ServerCommand(
            PythonCommand.module(python, "tunesmith", "serve"),
            folder,
            PythonCommand.environment() + environment + mapOf("PYTHONUTF8" to "1", "PYTHONUNBUFFERED" to "1"),
            options,
            locale,
        )
    }
}

/** Finds the server anew each time that it is to be started: interpreter and trust may have changed meanwhile. */
public fun interface ServerLocator {
    /** @throws ServerNotLocated where there is none to start. */
    public suspend fun locate(): ServerCommand
}

/** There is no server to start, for this [reason]. */
public class ServerNotLocated(public val reason: LostReason) : Exception("$reason")
