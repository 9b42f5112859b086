package dev.tunesmith.check

import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassWriter
import org.objectweb.asm.Opcodes
import org.objectweb.asm.commons.ClassRemapper
import org.objectweb.asm.commons.Remapper

/** Every class that a class names, itself included; the texts of Kotlin's metadata are not among them. */
internal fun namesIn(bytes: ByteArray): Set<String> {
    val seen = mutableSetOf<String>()
    val noting = object : Remapper(Opcodes.ASM9) {
        override fun map(internalName: String): String = internalName.also { seen += it }
    }
    ClassReader(bytes).accept(ClassRemapper(ClassWriter(0), noting), 0)
    return seen
}
