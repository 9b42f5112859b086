// A stand-in for the few functions and accessors of Gradle's Kotlin DSL that the two scripts use: the DSL itself is
// not on Maven Central. What it forwards to is the real API of Gradle and of the Gradle plugins.
package org.gradle.kotlin.dsl

import com.github.jengelman.gradle.plugins.shadow.tasks.ShadowJar
import org.gradle.api.Action
import org.gradle.api.NamedDomainObjectProvider
import org.gradle.api.Project
import org.gradle.api.Task
import org.gradle.api.artifacts.Configuration
import org.gradle.api.artifacts.Dependency
import org.gradle.api.artifacts.dsl.DependencyHandler
import org.gradle.api.artifacts.dsl.RepositoryHandler
import org.gradle.api.initialization.Settings
import org.gradle.api.plugins.ExtensionAware
import org.gradle.api.provider.HasMultipleValues
import org.gradle.api.provider.Property
import org.gradle.api.provider.Provider
import org.gradle.api.tasks.SourceSet
import org.gradle.api.tasks.SourceSetContainer
import org.gradle.api.tasks.TaskCollection
import org.gradle.api.tasks.TaskContainer
import org.gradle.api.tasks.TaskProvider
import org.gradle.api.tasks.testing.Test
import org.gradle.api.tasks.wrapper.Wrapper
import org.gradle.plugin.use.PluginDependenciesSpec
import org.gradle.plugin.use.PluginDependencySpec
import org.jetbrains.intellij.platform.gradle.extensions.IntelliJPlatformDependenciesExtension
import org.jetbrains.intellij.platform.gradle.extensions.IntelliJPlatformExtension
import org.jetbrains.intellij.platform.gradle.extensions.IntelliJPlatformRepositoriesExtension
import org.jetbrains.intellij.platform.gradle.tasks.PrepareSandboxTask
import org.jetbrains.kotlin.gradle.dsl.KotlinJvmProjectExtension
import kotlin.properties.ReadOnlyProperty

infix fun PluginDependencySpec.version(version: String?): PluginDependencySpec = version(version)

@Suppress("UNUSED_PARAMETER")
fun plugins(block: PluginDependenciesSpec.() -> Unit) = Unit

val Settings.settings: Settings get() = this

operator fun Settings.provideDelegate(owner: Any?, property: kotlin.reflect.KProperty<*>) =
    ReadOnlyProperty<Any?, String> { _, wanted -> providers.gradleProperty(wanted.name).get() }

fun Project.repositories(block: RepositoryHandler.() -> Unit) = repositories.block()

class DependencyHandlerScope(val handler: DependencyHandler) : DependencyHandler by handler {
    operator fun Configuration.invoke(notation: Any): Dependency? = handler.add(name, notation)
}

fun Project.dependencies(block: DependencyHandlerScope.() -> Unit) = DependencyHandlerScope(dependencies).block()

fun DependencyHandler.testImplementation(notation: Any): Dependency? = add("testImplementation", notation)

fun DependencyHandler.testRuntimeOnly(notation: Any): Dependency? = add("testRuntimeOnly", notation)

fun <T : Any> Property<T>.assign(value: T?) = set(value)

fun <T : Any> Property<T>.assign(value: Provider<out T>) = set(value)

fun <T : Any> HasMultipleValues<T>.assign(value: Iterable<T>) = set(value)

inline fun <reified T : Task> TaskContainer.register(name: String, noinline action: T.() -> Unit): TaskProvider<T> =
    register(name, T::class.java) { action(this) }

inline fun <reified T : Task> TaskCollection<in T>.withType(): TaskCollection<T> = withType(T::class.java)

class TaskContainerScope(val container: TaskContainer) : TaskContainer by container

operator fun TaskContainer.invoke(block: TaskContainerScope.() -> Unit) = TaskContainerScope(this).block()

operator fun <T : Any> NamedDomainObjectProvider<T>.invoke(action: T.() -> Unit) = configure { action(this) }

val TaskContainer.test: TaskProvider<Test> get() = named("test", Test::class.java)

val TaskContainer.wrapper: TaskProvider<Wrapper> get() = named("wrapper", Wrapper::class.java)

val TaskContainer.shadowJar: TaskProvider<ShadowJar> get() = named("shadowJar", ShadowJar::class.java)

val TaskContainer.prepareSandbox: TaskProvider<PrepareSandboxTask>
    get() = named("prepareSandbox", PrepareSandboxTask::class.java)

fun Project.sourceSets(action: SourceSetContainer.() -> Unit) =
    extensions.configure<SourceSetContainer>("sourceSets") { action(this) }

val SourceSetContainer.main: NamedDomainObjectProvider<SourceSet> get() = named("main")

val SourceSetContainer.test: NamedDomainObjectProvider<SourceSet> get() = named("test")

fun RepositoryHandler.intellijPlatform(action: Action<in IntelliJPlatformRepositoriesExtension>) =
    action.execute((this as ExtensionAware).extensions.getByType(IntelliJPlatformRepositoriesExtension::class.java))

fun DependencyHandlerScope.intellijPlatform(action: Action<in IntelliJPlatformDependenciesExtension>) =
    action.execute((handler as ExtensionAware).extensions.getByType(IntelliJPlatformDependenciesExtension::class.java))

fun Project.intellijPlatform(action: Action<in IntelliJPlatformExtension>) =
    extensions.configure(IntelliJPlatformExtension::class.java, action)

fun Project.kotlin(action: Action<in KotlinJvmProjectExtension>) =
    extensions.configure(KotlinJvmProjectExtension::class.java, action)
