// Read in intellij-community: platform/projectModel-api/src/com/intellij/openapi/module/ModuleManager.kt at b2a0b6aa72fd9af619fd84bf887e92029abc629b.
package com.intellij.openapi.module

import com.intellij.openapi.project.Project

abstract class ModuleManager {
    abstract val modules: Array<Module>

    companion object {
        @JvmStatic
        fun getInstance(project: Project): ModuleManager = throw UnsupportedOperationException()
    }
}
