// Read in intellij-community: platform/util-rt/src/com/intellij/openapi/util/Ref.java at 0d756ce25492936f431ce64650c9fff6046a34f0.
package com.intellij.openapi.util;

public class Ref<T> {
}
