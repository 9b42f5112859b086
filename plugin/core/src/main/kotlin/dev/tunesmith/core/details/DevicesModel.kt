package dev.tunesmith.core.details

import dev.tunesmith.core.client.RequestFailure
import dev.tunesmith.core.client.TunesmithClient
import dev.tunesmith.core.protocol.Devices
import dev.tunesmith.core.protocol.DevicesParams
import dev.tunesmith.core.protocol.Methods
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.launch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** Memory, load and power of now, asked for [every] second as long as somebody looks. */
internal class DevicesModel(private val client: TunesmithClient, private val every: Duration = 1.seconds) {
    private val looked = MutableStateFlow(false)
    private val mutableState = MutableStateFlow<Devices?>(null)

    /** The last reading; null before the first. */
    val state: StateFlow<Devices?> = mutableState.asStateFlow()

    /** Whether somebody looks, from now on. */
    fun look(isShown: Boolean) {
        looked.value = isShown
    }

    /** Ask until [scope] ends. */
    fun start(scope: CoroutineScope): Job = scope.launch {
        looked.collectLatest { isShown ->
            while (isShown) {
                read()
                delay(every)
            }
        }
    }

    private suspend fun read() {
        try {
            mutableState.value = client.request(Methods.devices, DevicesParams())
        } catch (_: RequestFailure) {
            return // what was read last stands until there is an answer again
        }
    }
}
