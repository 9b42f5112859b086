package dev.tunesmith.check

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.objectweb.asm.ClassReader
import org.objectweb.asm.ClassVisitor
import org.objectweb.asm.MethodVisitor
import org.objectweb.asm.Opcodes

/**
 * The IDE calls most of what we give it on the UI thread. What touches files or processes, or waits, may therefore
 * stand only in code that suspends: a suspend function, or the body of a coroutine.
 */
class ThreadsTest {
    /** A method of ours that calls something slow. */
    private data class Call(val from: String, val to: String, val suspends: Boolean)

    private val calls = PluginZip.jar.filterKeys { it.startsWith("dev/tunesmith/ide/") && it.endsWith(".class") }
        .flatMap { (name, bytes) -> callsOf(name.removeSuffix(".class"), bytes) }

    private fun callsOf(name: String, bytes: ByteArray) = Calls(name).apply { ClassReader(bytes).accept(this, 0) }.found

    @Test
    fun `files, processes and waiting stand only in code that suspends`() {
        assertTrue(calls.any { it.suspends }, "the IDE's part does open files: $calls")
        assertEquals(emptyList<Call>(), calls.filterNot { it.suspends })
    }

    private class Calls(private val owner: String) : ClassVisitor(Opcodes.ASM9) {
        val found = mutableListOf<Call>()

        override fun visitMethod(
            access: Int,
            name: String,
            descriptor: String,
            signature: String?,
            exceptions: Array<String>?,
        ): MethodVisitor = object : MethodVisitor(Opcodes.ASM9) {
            private val suspends = name == "invokeSuspend" || "Lkotlin/coroutines/Continuation;)" in descriptor

            override fun visitMethodInsn(
                opcode: Int,
                target: String,
                called: String,
                targetDescriptor: String,
                isInterface: Boolean,
            ) {
                val to = "$target.$called"
                if (SLOW.matches(to)) found += Call("$owner.$name", to, suspends)
            }
        }
    }

    private companion object {
        val SLOW = Regex(
            listOf(
                """java/nio/file/Files\..*""",
                """kotlin/io/(path/PathsKt|FilesKt).*\..*""",
                """java/io/File\.(exists|isFile|isDirectory|list.*|delete.*|mkdir.*|create.*|length|lastModified)""",
                """java/io/(File|RandomAccess).*(Stream|Reader|Writer|File)\.<init>""",
                """java/lang/(ProcessBuilder|Runtime)\.(start|exec)""",
                """java/lang/(Thread|Process|Object)\.(sleep|join|wait.*)""",
                """kotlinx/coroutines/BuildersKt.*\.runBlocking.*""",
                """com/intellij/execution/configurations/GeneralCommandLine\.createProcess""",
                """com/intellij/execution/process/\w*ProcessHandler\.waitFor""",
                """com/intellij/ide/actions/RevealFileAction\.open.*""",
                """com/intellij/openapi/projectRoots/impl/SdkConfigurationUtil\.setupSdk""",
                """com/intellij/openapi/vfs/(Local|Virtual)File(System|Manager)\.(find|refresh).*""",
                """com/intellij/openapi/vfs/(VirtualFile|VfsUtil\w*)\.(get\w*Stream|contents\w*|load\w*|refresh)""",
                """dev/tunesmith/core/launch/ProjectSigns\.found.*""",
                """dev/tunesmith/core/job/JobKeys.*\.(getBundled|read)""",
            ).joinToString("|"),
        )
    }
}
