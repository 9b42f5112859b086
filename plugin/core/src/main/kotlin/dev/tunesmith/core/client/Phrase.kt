package dev.tunesmith.core.client

/** The key of a text in the bundle, and what stands in its places. */
public data class Phrase(public val key: String, public val arguments: List<Any> = emptyList())

/** What to tell the user of a server that is lost; where the runtime is not installed, [log] says more than the status. */
public fun phrase(reason: LostReason, log: List<String>): Phrase = when (reason) {
    LostReason.Untrusted -> Phrase("lost.untrusted")
    LostReason.NoInterpreter -> Phrase("lost.no-interpreter")
    LostReason.RemoteInterpreter -> Phrase("lost.remote-interpreter")
    is LostReason.NotStarted -> Phrase("lost.not-started", listOf(reason.message))
    is LostReason.Exited -> exited(reason, log)
    is LostReason.Hung -> Phrase("lost.hung", listOf(reason.limit.inWholeSeconds))
    is LostReason.Nonsense -> Phrase("lost.nonsense")
    LostReason.Deaf -> Phrase("lost.deaf")
    LostReason.Closed -> Phrase("lost.closed")
    is LostReason.Refused -> Phrase("lost.refused", listOf(reason.message))
    is LostReason.VersionMismatch -> Phrase("lost.version", listOf(reason.ours, reason.theirs, reason.runtime))
}

private fun exited(reason: LostReason.Exited, log: List<String>) = if (log.any { NO_RUNTIME in it }) {
    Phrase("lost.no-runtime")
} else {
    Phrase("lost.exited", listOf(reason.status))
}

private const val NO_RUNTIME = "No module named tunesmith"
