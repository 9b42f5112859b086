package dev.tunesmith.core.environment

import dev.tunesmith.core.client.ClientState
import dev.tunesmith.core.client.LostReason
import dev.tunesmith.core.protocol.Environment
import dev.tunesmith.core.protocol.Finding
import dev.tunesmith.core.protocol.FindingStatus
import java.nio.file.Path

/** What is missing. */
public enum class Trouble {
    NO_INTERPRETER,
    REMOTE_INTERPRETER,
    NO_RUNTIME,
    OLD_RUNTIME,
    NO_TORCH,
    TORCH_WITHOUT_GPU,

    /** Something else that doctor calls an error and knows a command for. */
    DOCTOR,
    UNTRUSTED,

    /** The IDE does not take the Python that trains as the project's interpreter. */
    NOT_TAKEN,
}

/** What the banner's one button does. */
public sealed interface Mend {
    /** Make an environment in the project with the runtime, and take it as the project's interpreter. */
    public data object MakeEnvironment : Mend

    /** Install the runtime that the plugin carries, with what it needs, for the project's interpreter. */
    public data object InstallRuntime : Mend

    /** Install what doctor says; [arguments] follow `pip install`. */
    public data class Install(val arguments: List<String>) : Mend

    /** Let the user choose an interpreter. */
    public data object ChooseInterpreter : Mend

    /** Let the user decide whether the project is trusted. */
    public data object Trust : Mend

    /** Take [python] as the project's interpreter. */
    public data class Take(val python: Path) : Mend
}

/**
 * Something that is missing, with what mends it.
 *
 * @property told What doctor or the server says of it, in their words; may be empty.
 */
public data class Banner(val trouble: Trouble, val mend: Mend, val told: String = "")

/**
 * The most pressing of what is missing; null where all is well, or nothing is known yet.
 *
 * @param environment What the server found; null while it was not asked.
 * @param isTrusted Whether the user trusts the project, as the IDE says: without that no server may have been started.
 */
public fun banner(state: ClientState, environment: Environment?, isTrusted: Boolean = true): Banner? = when (state) {
    ClientState.Connecting -> if (isTrusted) null else Banner(Trouble.UNTRUSTED, Mend.Trust)
    is ClientState.Lost -> lost(state)
    is ClientState.Ready -> found(environment?.findings.orEmpty(), state.server.trusted)
}

private fun lost(state: ClientState.Lost): Banner? = when (val reason = state.reason) {
    LostReason.Untrusted -> Banner(Trouble.UNTRUSTED, Mend.Trust)

    LostReason.NoInterpreter -> Banner(Trouble.NO_INTERPRETER, Mend.MakeEnvironment)

    is LostReason.NotStarted -> Banner(Trouble.NO_INTERPRETER, Mend.MakeEnvironment, reason.message)

    LostReason.RemoteInterpreter -> Banner(Trouble.REMOTE_INTERPRETER, Mend.ChooseInterpreter)

    is LostReason.VersionMismatch -> Banner(Trouble.OLD_RUNTIME, Mend.InstallRuntime)

    is LostReason.Refused ->
        if (reason.code == MISMATCH) Banner(Trouble.OLD_RUNTIME, Mend.InstallRuntime, reason.message) else null

    is LostReason.Exited ->
        state.log.lastOrNull { NOT_THERE in it }?.let { Banner(Trouble.NO_RUNTIME, Mend.InstallRuntime, it) }

    is LostReason.Hung, is LostReason.Nonsense, LostReason.Deaf, LostReason.Closed -> null
}

private fun found(findings: List<Finding>, isTrusted: Boolean): Banner? {
    fun first(trouble: Trouble, fits: (Finding) -> Boolean) = findings.firstNotNullOfOrNull { finding ->
        installs(finding.mend)?.takeIf { fits(finding) }?.let { Banner(trouble, Mend.Install(it), finding.message) }
    }
    return first(Trouble.NO_TORCH) { it.code in TORCH }
        ?: first(Trouble.DOCTOR) { it.status == FindingStatus.ERROR && it.code !in GPU }
        ?: (if (isTrusted) null else Banner(Trouble.UNTRUSTED, Mend.Trust))
        ?: first(Trouble.TORCH_WITHOUT_GPU) { it.code in GPU }
}

/** What follows `pip install` in what doctor says that mends it, as a shell would split it; null where nothing does. */
internal fun installs(mend: String): List<String>? {
    val command = mend.substringAfter("pip install ", missingDelimiterValue = "")
    return WORD.findAll(command).map { it.value.trim('\'', '"') }.toList().ifEmpty { null }
}

private val WORD = Regex("""'[^']*'|"[^"]*"|\S+""")
private val TORCH = setOf("env.torch-missing", "env.torch-broken")
private val GPU = setOf("env.torch-cpu-build", "env.driver-too-old")
private const val MISMATCH = "protocol.version-mismatch"
private const val NOT_THERE = "No module named"
