// Read in intellij-community: platform/util/src/com/intellij/execution/process/ProcessHandler.java at 05dffded0a002d0696505d37709ed4034bf80db8.
package com.intellij.execution.process;

import com.intellij.openapi.util.Key;
import com.intellij.openapi.util.UserDataHolderBase;
import java.io.OutputStream;
import org.jetbrains.annotations.NotNull;
import org.jetbrains.annotations.Nullable;

public abstract class ProcessHandler extends UserDataHolderBase {
    protected ProcessHandler() {
        throw new UnsupportedOperationException();
    }

    public void startNotify() {
        throw new UnsupportedOperationException();
    }

    protected abstract void destroyProcessImpl();

    protected abstract void detachProcessImpl();

    public abstract boolean detachIsDefault();

    public abstract @Nullable OutputStream getProcessInput();

    protected void notifyProcessDetached() {
        throw new UnsupportedOperationException();
    }

    protected void notifyProcessTerminated(int exitCode) {
        throw new UnsupportedOperationException();
    }

    public void notifyTextAvailable(@NotNull String text, @NotNull Key outputType) {
        throw new UnsupportedOperationException();
    }
}
