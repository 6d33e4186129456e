package dev.tenzing.tools.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;

/**
 * The signals of the system. Java has no other way to them than {@code sun.misc.Signal}, which
 * every JDK has and the compiler warns of: it is reached by its name.
 */
final class SystemSignals {
  private SystemSignals() {}

  /**
   * Runs {@code action} with the signal's number whenever it comes, on a thread of its own. A
   * signal that the system does not have, or that the process was started to ignore, as {@code
   * nohup} does, is left alone.
   */
  static void handle(String name, IntConsumer action) {
    try {
      Class<?> type = Class.forName("sun.misc.Signal");
      Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
      Method handle = type.getMethod("handle", type, handlerType);
      Object signal = type.getConstructor(String.class).newInstance(name);
      int number = (int) type.getMethod("getNumber").invoke(signal);
      Object handler =
          Proxy.newProxyInstance(
              SystemSignals.class.getClassLoader(),
              new Class<?>[] {handlerType},
              (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                  action.accept(number);
                }
                return null;
              });
      Object before = handle.invoke(null, signal, handler);
      Object ignored = handlerType.getField("SIG_IGN").get(null);
      if (before == ignored) {
        handle.invoke(null, signal, ignored);
      }
    } catch (InvocationTargetException e) {
      // The system has no such signal, or the Java machine was told to leave it alone (-Xrs).
    } catch (ReflectiveOperationException e) {
      // A Java machine without it ends at once, as without us.
    }
  }
}
