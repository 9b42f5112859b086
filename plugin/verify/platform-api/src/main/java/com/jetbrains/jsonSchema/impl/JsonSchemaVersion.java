// Read in intellij-community: json/backend/src/com/jetbrains/jsonSchema/impl/JsonSchemaVersion.java at 4406abf4f897f32dbcf27557ae0bca8ddaa85079.
package com.jetbrains.jsonSchema.impl;

public enum JsonSchemaVersion {
    SCHEMA_4,
    SCHEMA_6,
    SCHEMA_7,
    SCHEMA_2019_09,
    SCHEMA_2020_12
}
