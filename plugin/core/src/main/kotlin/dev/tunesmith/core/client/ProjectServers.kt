package dev.tunesmith.core.client

import dev.tunesmith.core.protocol.ClientOptions
import java.nio.file.Path
import java.util.Locale

/**
 * A Python that the IDE has for a part of the project.
 *
 * @property path Null where the IDE does not know it.
 * @property isRemote Whether it is on another machine or in a container.
 */
public data class ProjectInterpreter(val path: String?, val isRemote: Boolean)

/** What of the IDE is needed to find a project's server. Nothing but [isTrusted] is asked before it is true. */
public interface ProjectHost {
    /** Whether the user trusts the project. */
    public val isTrusted: Boolean

    /** The project's folder; null where it has none. */
    public val folder: Path?

    /** What the user chose, which stands in a file that may have come with the project. */
    public val settings: PluginSettings

    /** The interpreters of the project's modules, in order. */
    public fun interpreters(): List<ProjectInterpreter>
}

/**
 * The server of [host]: that of the interpreter from the settings, else of the first local Python of its modules.
 *
 * @throws ServerNotLocated where there is none to start, and before the project is trusted: an interpreter is a
 *   program, and who made the project may have named it.
 */
public fun serverOf(host: ProjectHost, locale: Locale): ServerCommand {
    if (!host.isTrusted) throw ServerNotLocated(LostReason.Untrusted)
    val folder = host.folder ?: throw ServerNotLocated(LostReason.NoInterpreter)
    val settings = host.settings
    val interpreter = settings.interpreter.ifEmpty { interpreterOf(host.interpreters()) }
    val options = ClientOptions(trusted = true, updatesPerSecond = settings.updatesPerSecond.toLong())
    return ServerCommand.of(Path.of(interpreter), folder, options, settings.environment, locale)
}

private fun interpreterOf(known: List<ProjectInterpreter>): String =
    known.filterNot { it.isRemote }.firstNotNullOfOrNull { it.path }
        ?: throw ServerNotLocated(if (known.isEmpty()) LostReason.NoInterpreter else LostReason.RemoteInterpreter)
