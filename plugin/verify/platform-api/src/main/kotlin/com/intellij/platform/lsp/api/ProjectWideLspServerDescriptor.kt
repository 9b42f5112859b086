// Read in intellij-community: platform/lsp/src/api/ProjectWideLspServerDescriptor.kt at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.intellij.platform.lsp.api

import com.intellij.openapi.project.Project

abstract class ProjectWideLspServerDescriptor(project: Project, presentableName: String) :
    LspServerDescriptor(project, presentableName)
