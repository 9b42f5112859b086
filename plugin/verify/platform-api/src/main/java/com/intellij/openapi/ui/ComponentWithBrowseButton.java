// Read in intellij-community: platform/platform-api/src/com/intellij/openapi/ui/ComponentWithBrowseButton.java at 41cee1421f771f743cfc8f21d0e1acb0eb945327.
package com.intellij.openapi.ui;

import javax.swing.JComponent;
import javax.swing.JPanel;

public class ComponentWithBrowseButton<Comp extends JComponent> extends JPanel {
}
