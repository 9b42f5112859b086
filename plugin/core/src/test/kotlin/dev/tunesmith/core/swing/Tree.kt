package dev.tunesmith.core.swing

import java.awt.Component
import java.awt.Container

/** This and everything in it, from the outside in. */
internal fun Component.tree(): List<Component> =
    listOf(this) + ((this as? Container)?.components?.flatMap { it.tree() } ?: emptyList())

/** The only [T] in it, or the only one that passes. */
internal inline fun <reified T> Component.only(passes: (T) -> Boolean = { true }): T =
    tree().filterIsInstance<T>().filter(passes).let { found ->
        found.singleOrNull() ?: error("${found.size} of ${T::class.simpleName}: $found")
    }
