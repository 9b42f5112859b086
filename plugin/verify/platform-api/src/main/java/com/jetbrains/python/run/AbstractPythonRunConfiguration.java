// Read in intellij-community: python/src/com/jetbrains/python/run/AbstractPythonRunConfiguration.java at dc51c73f83b0fb47ce8b3b184efa3ea0475bf739.
package com.jetbrains.python.run;

import com.intellij.execution.configuration.AbstractRunConfiguration;
import com.intellij.execution.configurations.ConfigurationFactory;
import com.intellij.openapi.module.Module;
import com.intellij.openapi.project.Project;

public abstract class AbstractPythonRunConfiguration<T extends AbstractPythonRunConfiguration<T>>
    extends AbstractRunConfiguration {
    public AbstractPythonRunConfiguration(Project project, ConfigurationFactory factory) {
        super(project, factory);
    }

    public void setWorkingDirectory(String workingDirectory) {
        throw new UnsupportedOperationException();
    }

    public void setSdkHome(String sdkHome) {
        throw new UnsupportedOperationException();
    }

    public void setUseModuleSdk(boolean useModuleSdk) {
        throw new UnsupportedOperationException();
    }

    public void setAddContentRoots(boolean flag) {
        throw new UnsupportedOperationException();
    }

    public void setAddSourceRoots(boolean flag) {
        throw new UnsupportedOperationException();
    }

    public void setModule(Module module) {
        throw new UnsupportedOperationException();
    }
}
