// Read in intellij-community: platform/projectModel-api/src/com/intellij/openapi/components/BaseState.kt at b201d894cd7b9e9ecc7aadfeb86dfec86ed0704f.
package com.intellij.openapi.components

abstract class BaseState {
    protected fun string(defaultValue: String? = null): StoredPropertyBase<String?> =
        throw UnsupportedOperationException()

    protected fun property(defaultValue: Int = 0): StoredPropertyBase<Int> = throw UnsupportedOperationException()

    protected fun <K : Any, V : Any> map(): StoredPropertyBase<MutableMap<K, V>> = throw UnsupportedOperationException()

    protected fun incrementModificationCount(): Unit = throw UnsupportedOperationException()
}
