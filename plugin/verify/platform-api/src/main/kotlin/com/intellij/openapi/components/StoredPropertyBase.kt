// Read in intellij-community: platform/projectModel-api/src/com/intellij/openapi/components/StoredPropertyBase.kt at 23a25cc8b2f977276a79932af3e50128f21e14f4.
package com.intellij.openapi.components

import kotlin.properties.ReadWriteProperty
import kotlin.reflect.KProperty

abstract class StoredPropertyBase<T> : ReadWriteProperty<BaseState, T> {
    operator fun provideDelegate(thisRef: Any, property: KProperty<*>): ReadWriteProperty<BaseState, T> =
        throw UnsupportedOperationException()
}
