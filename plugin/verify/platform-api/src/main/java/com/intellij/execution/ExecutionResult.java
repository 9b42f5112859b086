// Read in intellij-community: platform/execution/src/com/intellij/execution/ExecutionResult.java at 62a135fb0d456921591274bd6fff6cc37e1390c0.
package com.intellij.execution;

public interface ExecutionResult {
}
