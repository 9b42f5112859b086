package dev.tunesmith.ide.editor

import com.intellij.openapi.project.DumbAware
import com.intellij.openapi.project.Project
import com.intellij.openapi.vfs.VirtualFile
import com.jetbrains.jsonSchema.extension.JsonSchemaFileProvider
import com.jetbrains.jsonSchema.extension.JsonSchemaProviderFactory
import com.jetbrains.jsonSchema.extension.SchemaType
import com.jetbrains.jsonSchema.impl.JsonSchemaVersion
import dev.tunesmith.core.launch.RunSettings
import dev.tunesmith.ide.Messages

/**
 * Help in job files by JSON Schema, for as long as none is given by LSP: in IDEs without it, in projects that are not
 * trusted, and until there is a runtime. The schema is the one of the runtime inside.
 */
internal class JobSchemaProviderFactory :
    JsonSchemaProviderFactory,
    DumbAware {
    override fun getProviders(project: Project): List<JsonSchemaFileProvider> = listOf(JobSchema(project))

    private class JobSchema(private val project: Project) : JsonSchemaFileProvider {
        /** The IDE asks again whenever it looks at the file. */
        override fun isAvailable(file: VirtualFile): Boolean =
            RunSettings.isJobFile(file.name) && EditorHelp.of(project)?.isRunning != true

        override fun getName(): String = Messages.text("schema.name")

        override fun getSchemaFile(): VirtualFile? =
            JsonSchemaProviderFactory.getResourceFile(JobSchemaProviderFactory::class.java, "/schema/job.schema.json")

        override fun getSchemaType(): SchemaType = SchemaType.embeddedSchema

        override fun getSchemaVersion(): JsonSchemaVersion = JsonSchemaVersion.SCHEMA_2020_12
    }
}
