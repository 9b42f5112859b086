package dev.tunesmith.ide.settings

import com.intellij.openapi.components.BaseState
import com.intellij.openapi.components.Service
import com.intellij.openapi.components.SimplePersistentStateComponent
import com.intellij.openapi.components.State
import com.intellij.openapi.components.Storage
import com.intellij.openapi.components.StoragePathMacros
import dev.tunesmith.core.client.PluginSettings

/**
 * What the user chose for a project. It is kept in the IDE's own folder: an interpreter of this machine means nothing to
 * others who share the project, and a project that they share must not name a program to start.
 */
@Service(Service.Level.PROJECT)
@State(name = "Tunesmith", storages = [Storage(StoragePathMacros.PRODUCT_WORKSPACE_FILE)])
internal class ProjectSettings : SimplePersistentStateComponent<ProjectSettings.Stored>(Stored()) {
    internal class Stored : BaseState() {
        var interpreter by string()
        var parallel by property(PluginSettings().parallel)
        var updatesPerSecond by property(PluginSettings().updatesPerSecond)
        var folder by string()
    }

    var current: PluginSettings
        get() = PluginSettings(
            state.interpreter.orEmpty(),
            state.parallel,
            state.updatesPerSecond,
            state.folder.orEmpty(),
        )
        set(value) {
            state.interpreter = value.interpreter
            state.parallel = value.parallel
            state.updatesPerSecond = value.updatesPerSecond
            state.folder = value.folder
        }
}
