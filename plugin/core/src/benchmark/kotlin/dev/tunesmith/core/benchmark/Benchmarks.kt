package dev.tunesmith.core.benchmark

import java.lang.management.ManagementFactory
import java.util.Locale
import kotlin.system.exitProcess

private val BENCHMARKS: Map<String, () -> Unit> = linkedMapOf(
    "frames" to ::frames,
    "peers" to ::peers,
    "client" to ::client,
    "opening" to ::opening,
    "long" to ::long,
    "living" to ::living,
)

/**
 * Measures the plugin; the names of some benchmarks may be given, or `all`:
 *
 *     python3 tools/plugin.py -Pbenchmarks -pl core -DskipTests -Dbenchmark=peers
 *
 * What they say is in tests/benchmarks/README.md, with the figures reached.
 */
public fun main(names: Array<String>) {
    System.setProperty("java.awt.headless", "false")
    val wanted = names.flatMap { it.split(",") }.toSet() - "all"
    val unknown = wanted - BENCHMARKS.keys
    require(unknown.isEmpty()) { "no benchmark ${unknown.joinToString()}; there are ${BENCHMARKS.keys.joinToString()}" }
    say(
        "Java %s, %d processors, load %.2f",
        Runtime.version(),
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getOperatingSystemMXBean().systemLoadAverage,
    )
    BENCHMARKS.filterKeys { wanted.isEmpty() || it in wanted }.forEach { (name, benchmark) ->
        println("\n== $name")
        benchmark()
    }
    exitProcess(0)
}

internal fun say(format: String, vararg values: Any) = println(format.format(Locale.ROOT, *values))

/** The smallest of the [numbers] that at least [percent] of them do not exceed. */
internal fun percentile(numbers: Collection<Double>, percent: Int): Double =
    numbers.sorted()[((numbers.size * percent + PERCENT - 1) / PERCENT - 1).coerceAtLeast(0)]

internal fun spread(milliseconds: Collection<Double>): String {
    val all = milliseconds.toList()
    return "p50 %.1f ms, p95 %.1f ms, at most %.1f ms"
        .format(Locale.ROOT, percentile(all, MEDIAN), percentile(all, P95), all.max())
}

/** Megabytes of the heap that are still needed. */
internal fun heap(): Double {
    repeat(COLLECTIONS) { System.gc() }
    return Runtime.getRuntime().run { totalMemory() - freeMemory() } / 1e6
}

internal const val MEDIAN = 50
internal const val P95 = 95
private const val PERCENT = 100
private const val COLLECTIONS = 3
