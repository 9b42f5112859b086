// Read in lsp4j: org.eclipse.lsp4j/src/main/java/org/eclipse/lsp4j/Protocol.xtend at e345a18815977934220702f4b8cc1755a5c22d1a.
package org.eclipse.lsp4j;

import java.util.List;
import org.jetbrains.annotations.NotNull;

public class Command {
    public @NotNull String getCommand() {
        throw new UnsupportedOperationException();
    }

    public List<Object> getArguments() {
        throw new UnsupportedOperationException();
    }
}
