package dev.tunesmith.core.client

import kotlin.time.Duration

/** Why there is no server; views find the words. */
public sealed interface LostReason {
    /** Whether starting it once more, unchanged, may help. */
    public val passing: Boolean get() = true

    /** The user does not trust the project: no interpreter is looked for, and nothing is started. */
    public data object Untrusted : LostReason {
        override val passing: Boolean get() = false
    }

    /** The project has no Python interpreter. */
    public data object NoInterpreter : LostReason {
        override val passing: Boolean get() = false
    }

    /** The project's interpreter is on another machine or in a container. */
    public data object RemoteInterpreter : LostReason {
        override val passing: Boolean get() = false
    }

    /** The command could not be started at all, such as an interpreter that is not there. */
    public data class NotStarted(val message: String) : LostReason

    /** The process ended by itself; on Unix a status above 128 is 128 + the signal that killed it. */
    public data class Exited(val status: Int) : LostReason

    /** It did not answer within [limit] and was ended. */
    public data class Hung(val limit: Duration) : LostReason

    /** What it prints is not the protocol; [sample] is the last of it. */
    public data class Nonsense(val sample: String) : LostReason

    /** It does not read: so much waits to be sent that nothing more fits. */
    public data object Deaf : LostReason

    /** The client itself was closed. */
    public data object Closed : LostReason

    /** It refused the handshake; [code] as in docs/errors.md, empty where the server gave none. */
    public data class Refused(val message: String, val code: String = "") : LostReason {
        override val passing: Boolean get() = false
    }

    /** Plugin and runtime do not fit: they speak different versions of the protocol. */
    public data class VersionMismatch(val ours: Long, val theirs: Long, val runtime: String) : LostReason {
        override val passing: Boolean get() = false
    }
}
