// Read in intellij-community: platform/lang-api/src/com/intellij/facet/ui/ValidationResult.java at 03980ad0dccbd9a9140c4dc2415985c469f99ae7.
package com.intellij.facet.ui;

public class ValidationResult {
    public static final ValidationResult OK = new ValidationResult();

    private ValidationResult() {
    }
}
