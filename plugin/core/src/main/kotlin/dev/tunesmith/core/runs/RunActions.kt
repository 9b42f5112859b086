package dev.tunesmith.core.runs

import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.protocol.CommandParams
import dev.tunesmith.core.protocol.DeleteParams
import dev.tunesmith.core.protocol.Methods

/**
 * What a user does with runs.
 *
 * @param failed Told, as a sentence, what could not be done.
 */
public class RunActions(private val client: TunesmithClient, private val failed: (String) -> Unit) {
    /** Give [run] a command of the protocol: stop, pause, resume, checkpoint, kill. */
    public suspend fun command(run: String, command: String) {
        attempt { client.request(Methods.command, CommandParams(run, command)) }
    }

    /** Move [runs] into the trash. */
    public suspend fun delete(runs: List<String>) {
        attempt { client.request(Methods.delete, DeleteParams(runs)).problems.forEach { failed(it.message) } }
    }

    private suspend fun attempt(action: suspend () -> Unit) {
        try {
            action()
        } catch (failure: RequestFailure) {
            failed(failure.message.orEmpty())
        }
    }
}
