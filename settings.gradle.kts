pluginManagement {
    val kotlinVersion: String by settings
    val intellijPlatformVersion: String by settings
    val shadowVersion: String by settings

    repositories {
        gradlePluginPortal()
        mavenCentral()
    }
    plugins {
        id("org.jetbrains.kotlin.jvm") version kotlinVersion
        id("org.jetbrains.intellij.platform") version intellijPlatformVersion
        id("com.gradleup.shadow") version shadowVersion
    }
}

rootProject.name = "tunesmith"
