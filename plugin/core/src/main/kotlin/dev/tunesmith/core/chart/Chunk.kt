package dev.tunesmith.core.chart

/** Extents of whole blocks of [BLOCK] entries: written once, when the block is full. */
internal class BlockExtents private constructor(
    private val low: DoubleArray,
    private val high: DoubleArray,
    private val lowPositive: DoubleArray,
    private val strange: ByteArray,
) {
    constructor(
        capacity: Int,
    ) : this(DoubleArray(capacity), DoubleArray(capacity), DoubleArray(capacity), ByteArray(capacity))

    fun put(index: Int, extent: Extent): BlockExtents {
        if (index >= low.size) {
            val size = maxOf(16, index * 2)
            return BlockExtents(
                low.copyOf(size),
                high.copyOf(size),
                lowPositive.copyOf(size),
                strange.copyOf(size),
            ).put(index, extent)
        }
        low[index] = extent.low
        high[index] = extent.high
        lowPositive[index] = extent.lowPositive
        strange[index] = extent.strange.toByte()
        return this
    }

    fun extend(into: Extent, index: Int) {
        into.add(low[index], high[index], lowPositive[index], strange[index].toInt())
    }

    fun copy(): BlockExtents = BlockExtents(low.copyOf(), high.copyOf(), lowPositive.copyOf(), strange.copyOf())
}

/** Up to [CHUNK] entries with the two lower floors of the pyramid above them. */
internal class Chunk(
    val steps: StepColumn,
    val times: TimeColumn,
    val values: ValueColumn,
    val blocks: BlockExtents,
    val superBlocks: BlockExtents,
) {
    /** Adds entries [from] until [to]; all of them must have been written. */
    fun extend(into: Extent, from: Int, to: Int) {
        var at = from
        while (at < to) {
            if (at % SUPER_BLOCK == 0 && at + SUPER_BLOCK <= to) {
                superBlocks.extend(into, at / SUPER_BLOCK)
                at += SUPER_BLOCK
            } else if (at % BLOCK == 0 && at + BLOCK <= to) {
                blocks.extend(into, at / BLOCK)
                at += BLOCK
            } else {
                val end = minOf(to, (at / BLOCK + 1) * BLOCK)
                values.extend(into, at, end)
                at = end
            }
        }
    }

    /** This chunk with entry [index] written, which must be the one behind the last. */
    fun with(index: Int, step: Long, micros: Long, entry: Entry): Chunk {
        val steps = steps.put(index, step)
        val times = times.put(index, micros)
        val values = values.put(index, entry)
        var blocks = blocks
        var superBlocks = superBlocks
        val end = index + 1
        if (end % BLOCK == 0) {
            val extent = Extent()
            values.extend(extent, end - BLOCK, end)
            blocks = blocks.put(end / BLOCK - 1, extent)
            if (end % SUPER_BLOCK == 0) {
                extent.clear()
                for (block in (end - SUPER_BLOCK) / BLOCK until end / BLOCK) blocks.extend(extent, block)
                superBlocks = superBlocks.put(end / SUPER_BLOCK - 1, extent)
            }
        }
        val same = steps === this.steps && times === this.times && values === this.values
        return if (same && blocks === this.blocks &&
            superBlocks === this.superBlocks
        ) {
            this
        } else {
            Chunk(steps, times, values, blocks, superBlocks)
        }
    }

    fun copy(): Chunk = Chunk(steps.copy(), times.copy(), values.copy(), blocks.copy(), superBlocks.copy())

    companion object {
        fun empty(): Chunk = Chunk(
            EvenSteps(0, 0),
            ShortTimes(0, IntArray(0)),
            FloatValues(FloatArray(0)),
            BlockExtents(0),
            BlockExtents(0),
        )
    }
}
