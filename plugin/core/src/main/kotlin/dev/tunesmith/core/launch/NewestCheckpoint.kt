package dev.tunesmith.core.launch

import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.protocol.Methods
import dev.tunesmith.core.protocol.RunParams
import dev.tunesmith.core.protocol.RunsParams

/**
 * The id of the newest run of the job that has a checkpoint, where [settings] want to begin there; null where there is
 * none or none is wanted.
 *
 * @throws RequestFailure where there is no answer.
 */
public suspend fun TunesmithClient.newestToStartFrom(settings: RunSettings): String? {
    if (settings.from != StartFrom.NEWEST) return null
    val runs = request(Methods.runs, RunsParams(job = settings.job)).runs
    return runs.firstOrNull { request(Methods.run, RunParams(it.id)).checkpoints.isNotEmpty() }?.id
}
