// Read in intellij-community: platform/execution/src/com/intellij/execution/BeforeRunTask.java at 9b9ff165706956ffc3ed1f123b47b2ad43adc22b.
package com.intellij.execution;

public abstract class BeforeRunTask<T extends BeforeRunTask<?>> implements Cloneable {
}
