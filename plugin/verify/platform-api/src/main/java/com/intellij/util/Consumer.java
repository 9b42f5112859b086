// Read in intellij-community: platform/util/src/com/intellij/util/Consumer.java at 62a135fb0d456921591274bd6fff6cc37e1390c0.
package com.intellij.util;

public interface Consumer<T> {
    void consume(T t);
}
