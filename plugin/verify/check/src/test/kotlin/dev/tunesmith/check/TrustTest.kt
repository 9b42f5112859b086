package dev.tunesmith.check

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.objectweb.asm.AnnotationVisitor
import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassVisitor
import org.objectweb.asm.MethodVisitor
import org.objectweb.asm.Opcodes

/** A project of somebody else must not name a program to start, and trust that is given anywhere counts at once. */
class TrustTest {
    @Test
    fun `what is stored for a project lies in no file that is shared with it`() {
        val places = PluginZip.jar.filterKeys { it.startsWith("dev/tunesmith/ide/") && it.endsWith(".class") }
            .flatMap { (_, bytes) -> Storages().apply { ClassReader(bytes).accept(this, 0) }.found }
        assertTrue(places.isNotEmpty())
        assertEquals(emptyList<String>(), places.filterNot { it in OF_THIS_MACHINE })
    }

    @Test
    fun `trust given or taken in the IDE's own dialogs is noticed`() {
        val descriptor = PluginZip.jar.getValue("META-INF/plugin.xml").decodeToString()
        val topic = "com.intellij.ide.trustedProjects.TrustedProjectsListener"
        val listener = Regex("""<listener class="([\w.]+)"\s+topic="${Regex.escape(topic)}"""").find(descriptor)
        val name = checkNotNull(listener) { "nobody listens to $topic" }.groupValues[1].replace('.', '/')
        val methods = Methods().apply { ClassReader(PluginZip.jar.getValue("$name.class")).accept(this, 0) }.found
        assertTrue(methods.containsAll(listOf("onProjectTrusted", "onProjectUntrusted")), "$methods")
    }

    /** The files that the annotations `@State` of a class name. */
    private class Storages : ClassVisitor(Opcodes.ASM9) {
        val found = mutableListOf<String>()

        override fun visitAnnotation(descriptor: String, visible: Boolean): AnnotationVisitor = Values()

        private inner class Values : AnnotationVisitor(Opcodes.ASM9) {
            override fun visitArray(name: String?): AnnotationVisitor = this

            override fun visitAnnotation(name: String?, descriptor: String): AnnotationVisitor =
                if (descriptor == "Lcom/intellij/openapi/components/Storage;") Place() else this
        }

        private inner class Place : AnnotationVisitor(Opcodes.ASM9) {
            override fun visit(name: String?, value: Any) {
                if (value is String) found += value
            }
        }
    }

    private class Methods : ClassVisitor(Opcodes.ASM9) {
        val found = mutableSetOf<String>()

        override fun visitMethod(
            access: Int,
            name: String,
            descriptor: String,
            signature: String?,
            exceptions: Array<String>?,
        ): MethodVisitor? {
            found += name
            return null
        }
    }

    private companion object {
        val OF_THIS_MACHINE = setOf("\$PRODUCT_WORKSPACE_FILE\$", "\$WORKSPACE_FILE\$", "\$CACHE_FILE\$")
    }
}
