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

/** Help in job files by JSON Schema, for IDEs without support of LSP. The schema is the one of the runtime inside. */
internal class JobSchemaProviderFactory :
    JsonSchemaProviderFactory,
    DumbAware {
    override fun getProviders(project: Project): List<JsonSchemaFileProvider> =
        if (EditorHelp.of(project) == null) listOf(JobSchema) else emptyList()

    private object JobSchema : JsonSchemaFileProvider {
        override fun isAvailable(file: VirtualFile): Boolean = RunSettings.isJobFile(file.name)

        override fun getName(): String = Messages.text("schema.name")

        override fun getSchemaFile(): VirtualFile? =
            JsonSchemaProviderFactory.getResourceFile(JobSchemaProviderFactory::class.java, "/schema/job.schema.json")

        override fun getSchemaType(): SchemaType = SchemaType.embeddedSchema

        override fun getSchemaVersion(): JsonSchemaVersion = JsonSchemaVersion.SCHEMA_2020_12
    }
}
