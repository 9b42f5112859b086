package dev.tunesmith.core.runs

import dev.tunesmith.core.Words
import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.failure
import dev.tunesmith.core.protocol.CommandParams
import dev.tunesmith.core.protocol.DeleteParams
import dev.tunesmith.core.protocol.ExportParams
import dev.tunesmith.core.protocol.ExportResult
import dev.tunesmith.core.protocol.From
import dev.tunesmith.core.protocol.KeepParams
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.RunSummary
import dev.tunesmith.core.protocol.StartParams
import java.nio.file.Path

/**
 * What a user does with runs.
 *
 * @param failed Told, as a sentence, what could not be done.
 */
public class RunActions(
    private val client: TunesmithClient,
    private val words: Words,
    private val failed: (String) -> Unit,
) {
    /** Give [run] a command of the protocol: stop, pause, resume, checkpoint, kill. */
    public suspend fun command(run: String, command: String) {
        attempt { client.request(Methods.command, CommandParams(run, command)) }
    }

    /** Move [runs] into the trash. */
    public suspend fun delete(runs: List<String>) {
        attempt { client.request(Methods.delete, DeleteParams(runs)) }?.problems?.forEach { failed(it.message) }
    }

    /** Begin a new run of the job of [run] from its checkpoint at [step]; null where it was refused. */
    public suspend fun startFrom(run: RunSummary, step: Long): RunSummary? {
        val wish = StartParams(run.job, name = run.name.ifEmpty { null }, startFrom = From(run.id, step))
        return attempt { client.request(Methods.start, wish) }?.run
    }

    /** Keep the checkpoints at these [steps], or let them go like any others again. */
    public suspend fun keep(run: String, steps: List<Long>, isKept: Boolean) {
        for (step in steps) attempt { client.request(Methods.keep, KeepParams(run, step, isKept)) }
    }

    /** Write the model of the checkpoint at [step] into the new folder [to]; null where it was refused. */
    public suspend fun export(run: String, step: Long, to: Path): ExportResult? =
        attempt { client.request(Methods.export, ExportParams(run, to.toString(), checkpoint = "step-$step")) }

    private suspend fun <T> attempt(action: suspend () -> T): T? = try {
        action()
    } catch (failure: RequestFailure) {
        failed(words.failure(failure))
        null
    }
}
