// Read in intellij-community: platform/execution/src/com/intellij/execution/Executor.java at fa81465e9d76d9d6fd9403d0a29fdf36001ad6c8.
package com.intellij.execution;

public abstract class Executor {
}
