/**
 * Stands for the library of the same name, which Maven Central does not have: the signatures that
 * an application uses here, and nothing behind them. What is checked takes them for a library.
 */
package androidx.lifecycle;
