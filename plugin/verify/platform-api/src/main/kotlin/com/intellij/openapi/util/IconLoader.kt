// Read in intellij-community: platform/util/ui/src/com/intellij/openapi/util/IconLoader.kt at 0b40f8786c945af315cb54125c7155248a91e4e0.
package com.intellij.openapi.util

import javax.swing.Icon

object IconLoader {
    @JvmStatic
    fun getIcon(path: String, aClass: Class<*>): Icon = throw UnsupportedOperationException()
}
