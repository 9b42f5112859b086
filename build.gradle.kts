// The official build of the plugin: what the Marketplace gets and `runIde` starts. Versions are in gradle.properties.
// plugin/verify builds the same sources where JetBrains' repositories cannot be reached; BuildsTest compares.

import org.jetbrains.intellij.platform.gradle.TestFrameworkType
import org.jetbrains.kotlin.gradle.dsl.JvmTarget
import org.jetbrains.kotlin.gradle.dsl.KotlinVersion

plugins {
    id("org.jetbrains.kotlin.jvm")
    id("org.jetbrains.intellij.platform")
    id("com.gradleup.shadow")
}

fun setting(name: String): String = providers.gradleProperty(name).get()

val python: String = providers.gradleProperty("python").getOrElse("python3")

repositories {
    mavenCentral()
    intellijPlatform {
        defaultRepositories()
    }
}

// What is packed, under other names: the platform has copies of its own.
val packed = configurations.create("packed")
configurations.named("compileOnly") { extendsFrom(packed) }
configurations.named("testImplementation") { extendsFrom(packed) }

dependencies {
    intellijPlatform {
        pycharm(setting("platformVersion"))
        bundledPlugin("PythonCore")
        bundledPlugin("com.intellij.modules.json")
        testFramework(TestFrameworkType.Platform)
    }
    packed("org.eclipse.lsp4j:org.eclipse.lsp4j.jsonrpc:${setting("lsp4jVersion")}")
    testImplementation("org.junit.jupiter:junit-jupiter:${setting("junitVersion")}")
    testImplementation("com.formdev:flatlaf:${setting("flatlafVersion")}")
    testRuntimeOnly("org.junit.platform:junit-platform-launcher:${setting("junitVersion")}")
}

sourceSets {
    main {
        resources.setSrcDirs(listOf("plugin/core/src/main/resources", "plugin/ide/src/main/resources"))
    }
    test {
        resources.setSrcDirs(listOf("plugin/core/src/test/resources"))
    }
}

kotlin {
    jvmToolchain(setting("jvmRelease").toInt())
    explicitApi()
    compilerOptions {
        jvmTarget = JvmTarget.fromTarget(setting("jvmRelease"))
        languageVersion = KotlinVersion.fromVersion(setting("languageVersion"))
        apiVersion = KotlinVersion.fromVersion(setting("languageVersion"))
        freeCompilerArgs.addAll(
            "-Xjdk-release=${setting("jvmRelease")}",
            "-jvm-default=no-compatibility",
            "-Werror",
            "-Xsuppress-version-warnings",
        )
    }
    sourceSets.named("main") {
        kotlin.setSrcDirs(listOf("plugin/core/src/main/kotlin", "plugin/ide/src/main/kotlin"))
    }
    sourceSets.named("test") {
        kotlin.setSrcDirs(listOf("plugin/core/src/test/kotlin", "plugin/ide/src/test/kotlin"))
    }
}

intellijPlatform {
    projectName = "tunesmith"
    buildSearchableOptions = false
    instrumentCode = false
    pluginConfiguration {
        ideaVersion {
            sinceBuild = setting("sinceBuild")
            untilBuild = provider { null }
        }
    }
    pluginVerification {
        ides {
            recommended()
        }
    }
}

val wheel =
    tasks.register<Exec>("wheel") {
        description = "Builds the runtime's wheel, which the plugin carries."
        inputs.files("pyproject.toml", "README.md", "LICENSE", "tools/wheel.py")
        inputs.dir("runtime/tunesmith")
        outputs.dir("build/wheel")
        commandLine(python, "tools/wheel.py", "build/wheel")
    }

tasks {
    withType<AbstractArchiveTask>().configureEach {
        isPreserveFileTimestamps = false
        isReproducibleFileOrder = true
    }
    shadowJar {
        archiveFileName = "tunesmith-$version.jar"
        configurations = listOf(packed)
        // Not the platform's own org.eclipse.lsp4j, which the help in editors is written against.
        relocate("org.eclipse.lsp4j.jsonrpc", "dev.tunesmith.shaded.lsp4j.jsonrpc")
        relocate("com.google.gson", "dev.tunesmith.shaded.gson")
        exclude(
            "META-INF/*.SF",
            "META-INF/*.RSA",
            "META-INF/maven/**",
            "META-INF/proguard/**",
            "META-INF/versions/**",
            "module-info.class",
            "about.html",
            "about_files/**",
        )
    }
    prepareSandbox {
        pluginJar = shadowJar.flatMap { it.archiveFile }
        from(wheel) {
            include("tunesmith-*.whl")
            into("tunesmith/runtime")
        }
    }
    test {
        useJUnitPlatform()
        maxParallelForks = 2
        environment("OMP_NUM_THREADS", "1")
        systemProperty("tunesmith.python", python)
        systemProperty("tunesmith.root", rootDir.path)
        systemProperty("tunesmith.output", layout.buildDirectory.get().asFile.path)
    }
    wrapper {
        gradleVersion = setting("gradleVersion")
    }
}
