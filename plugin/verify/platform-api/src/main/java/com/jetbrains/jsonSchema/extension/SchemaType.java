// Read in intellij-community: json/src/com/jetbrains/jsonSchema/extension/SchemaType.java at 0580b2efcaa13778c1af3556596dbe56c9535584.
package com.jetbrains.jsonSchema.extension;

public enum SchemaType {
    schema,
    embeddedSchema,
    userSchema
}
