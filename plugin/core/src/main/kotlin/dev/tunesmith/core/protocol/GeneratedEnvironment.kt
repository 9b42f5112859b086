// Generated from runtime/tunesmith/protocol by tools/generate_protocol.py: change it there.
package dev.tunesmith.core.protocol

/** The values of a field. There may be more of them one day. */
public object FindingStatus {
    /** fine */
    public const val OK: String = "ok"

    /** works, but could be better */
    public const val WARNING: String = "warning"

    /** must be mended before training */
    public const val ERROR: String = "error"

    /** All that this version knows. */
    public val ALL: List<String> = listOf(OK, WARNING, ERROR)
}

/**
 * Which parts are wanted.
 *
 * @property diagnose Also start torch in a process of its own and say what is wrong: some seconds.
 */
public data class EnvironmentParams(val diagnose: Boolean = true)

/**
 * One thing looked at.
 *
 * @property code Stable; docs/errors.md has an entry for it.
 * @property status How it stands.
 * @property message A sentence for the user.
 * @property mend A command or a sentence; empty where all is well.
 */
public data class Finding(
    val code: String = "",
    val status: String = "",
    val message: String = "",
    val mend: String = "",
)

/**
 * A package that Tunesmith needs or can use.
 *
 * @property name As the registry knows it.
 * @property extra The extra it belongs to; empty for what everybody needs.
 * @property wanted The requirement.
 * @property installed The version that is there; left out where there is none.
 * @property fits Whether what is there is what is wanted.
 */
public data class Package(
    val name: String = "",
    val extra: String = "",
    val wanted: String = "",
    val installed: String? = null,
    val fits: Boolean = false,
)

/**
 * Something that can train, now.
 *
 * @property name As a job names it under `device`: cpu, cuda:0, mps.
 * @property title The maker's name.
 * @property memoryBytes All of its memory. Unit: B.
 * @property usedBytes Taken by all processes together. Unit: B.
 * @property powerW Drawn now. Unit: W.
 * @property load Share of time it was busy, 0 to 1.
 */
public data class Device(
    val name: String = "",
    val title: String = "",
    val memoryBytes: Long? = null,
    val usedBytes: Long? = null,
    val powerW: Double? = null,
    val load: Double? = null,
)

/**
 * What this process may use; in a container that is less than what the machine has.
 *
 * @property cores Processor cores.
 * @property memoryBytes Main memory. Unit: B.
 * @property availableBytes Main memory that is free now. Unit: B.
 * @property diskFreeBytes Room where runs are written. Unit: B.
 * @property writable Whether runs can be written.
 */
public data class Machine(
    val cores: Long = 0,
    val memoryBytes: Long = 0,
    val availableBytes: Long = 0,
    val diskFreeBytes: Long = 0,
    val writable: Boolean = true,
)

/**
 * Everything about the machine. `packages`, `findings` and `torch` are filled as far as `diagnose` was asked.
 *
 * @property version Of the runtime.
 * @property protocolVersion What the server speaks.
 * @property python Version of the interpreter.
 * @property executable Path of the interpreter.
 * @property platform Operating system and architecture.
 * @property torch Version of torch; left out where there is none.
 * @property machine Cores, memory, disk.
 * @property devices What can train; the first is what `auto` takes.
 * @property packages Needed and optional packages.
 * @property findings What is right and wrong, in the order in which to mend it.
 */
public data class Environment(
    val version: String = "",
    val protocolVersion: Long = 0,
    val python: String = "",
    val executable: String = "",
    val platform: String = "",
    val torch: String? = null,
    val machine: Machine = Machine(),
    val devices: List<Device> = emptyList(),
    val packages: List<Package> = emptyList(),
    val findings: List<Finding> = emptyList(),
)

/** Nothing to say. */
public class DevicesParams

/**
 * Readings of now.
 *
 * @property devices What can train.
 * @property machine Cores, memory, disk.
 */
public data class Devices(val devices: List<Device> = emptyList(), val machine: Machine = Machine())
