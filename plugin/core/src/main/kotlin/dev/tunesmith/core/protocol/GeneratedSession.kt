// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/**
 * `initializationOptions` of LSP's `initialize`. Every field may be left out.
 *
 * @property protocolVersion The version that the client was made for. Left out: the client takes what comes.
 * @property trusted Whether the user trusts the workspace: only then is any of its code imported.
 * @property token Over TCP: the content of the token file. Needless over stdio.
 * @property updatesPerSecond Live updates of each run, at most this many. Unit: 1/s.
 * @property watchRuns Whether to send runChanged and queueChanged from the start, without a subscription.
 */
public data class ClientOptions(
    val protocolVersion: Long? = null,
    val trusted: Boolean = false,
    val token: String? = null,
    val updatesPerSecond: Long = 10,
    val watchRuns: Boolean = true,
)

/**
 * Something that is switched off, and why.
 *
 * @property name What is off, in a few words.
 * @property why A sentence for the user.
 */
public data class Ability(val name: String = "", val why: String = "")

/**
 * `capabilities.experimental.tunesmith` of the answer to `initialize`.
 *
 * @property protocolVersion Version of the protocol on the server.
 * @property version Of the runtime.
 * @property python The interpreter that runs the server and will run the workers.
 * @property pid The server's process.
 * @property log The server's log file.
 * @property trusted Whether the workspace counts as trusted.
 * @property off What is switched off, and why.
 * @property methods The requests of Tunesmith's own that this server answers.
 */
public data class ServerInfo(
    val protocolVersion: Long = 0,
    val version: String = "",
    val python: String = "",
    val pid: Long = 0,
    val log: String = "",
    val trusted: Boolean = false,
    val off: List<Ability> = emptyList(),
    val methods: List<String> = emptyList(),
)

/**
 * The user has decided about the workspace.
 *
 * @property trusted Whether code of the workspace may be imported from now on.
 */
public data class Trust(val trusted: Boolean = false)

/**
 * What holds now.
 *
 * @property trusted Whether the workspace counts as trusted.
 * @property off What is switched off, and why.
 */
public data class TrustResult(val trusted: Boolean = false, val off: List<Ability> = emptyList())
