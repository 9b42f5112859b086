// Read in intellij-community: platform/platform-util-io/src/com/intellij/execution/ExecutionException.java at 1e51e91f3a31729149d31672e78d812c2f9a1957.
package com.intellij.execution;

public class ExecutionException extends Exception {
    public ExecutionException(String message) {
        throw new UnsupportedOperationException();
    }
}
