// Read in intellij-community: python/src/com/jetbrains/python/run/PythonConfigurationType.java at b7a9ab03541496c97c16e2ac8750570463bb8aac.
package com.jetbrains.python.run;

import com.intellij.execution.configurations.ConfigurationFactory;
import com.intellij.execution.configurations.ConfigurationType;

public abstract class PythonConfigurationType implements ConfigurationType {
    public static PythonConfigurationType getInstance() {
        throw new UnsupportedOperationException();
    }

    public PythonConfigurationFactory getFactory() {
        throw new UnsupportedOperationException();
    }

    public abstract static class PythonConfigurationFactory extends ConfigurationFactory {
        protected PythonConfigurationFactory(ConfigurationType configurationType) {
            super(configurationType);
        }
    }
}
