// Read in intellij-community: platform/core-api/src/com/intellij/openapi/application/coroutines.kt at 021baaa4c366b071d5b956500c15912e62096be6.
package com.intellij.openapi.application

import kotlinx.coroutines.Dispatchers
import kotlin.coroutines.CoroutineContext

@Suppress("UnusedReceiverParameter")
val Dispatchers.EDT: CoroutineContext get() = throw UnsupportedOperationException()

suspend fun <T> readAction(action: () -> T): T = throw UnsupportedOperationException()
