// Read in intellij-community: python/src/com/jetbrains/python/run/PythonRunConfiguration.java at 7f4b4cd78ce1e6a4cc9a9b4614a4c46b35e52f6a.
package com.jetbrains.python.run;

import com.intellij.execution.configurations.ConfigurationFactory;
import com.intellij.openapi.project.Project;

@SuppressWarnings("rawtypes")
public abstract class PythonRunConfiguration extends AbstractPythonRunConfiguration {
    protected PythonRunConfiguration(Project project, ConfigurationFactory configurationFactory) {
        super(project, configurationFactory);
    }

    public void setScriptName(String scriptName) {
        throw new UnsupportedOperationException();
    }

    public void setScriptParameters(String scriptParameters) {
        throw new UnsupportedOperationException();
    }

    public void setModuleMode(boolean moduleMode) {
        throw new UnsupportedOperationException();
    }
}
